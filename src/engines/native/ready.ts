import { setTimeout as sleep } from 'node:timers/promises';
import { KubewrightError } from '../../core/errors.js';
import type { ReadStep, StepContext, StepRef } from '../../core/step.js';
import { isReady, type KubeDaemonSet, type KubeDeployment, type KubeList, type KubeNode } from '../../kube/objects.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { ClusterView } from './access.js';
import { nodeStep } from './context.js';
import { FLANNEL } from './flannel.js';

/**
 * Waits until the cluster can be used: every node Ready, the pod network running on each, and cluster DNS answering, which
 * is also the proof that an ordinary pod gets a network. A node alone calls itself Ready as soon as a CNI configuration
 * lies there. A cluster that is so already costs one look.
 */
export function readyStep(
  nodes: readonly NodeSpec[],
  addons: StepRef<unknown>,
  access: StepRef<ClusterView>,
): ReadStep {
  return {
    kind: 'read',
    id: 'cluster/ready',
    title: 'wait until nodes, network and DNS are ready',
    phase: 'nodes',
    needs: [access.id, addons.id],
    after: nodes.map((node) => nodeStep(node, 'join')),
    timeoutMs: READY_TIMEOUT_MS + 30_000,
    async read(step) {
      if (step.mode === 'plan') return;
      const { client } = step.output(access);
      // One that is down or could not join has been told already, and is not waited for.
      const names = new Set(
        nodes.filter((node) => step.known({ id: nodeStep(node, 'join') }).kind === 'output').map(({ name }) => name),
      );
      const deadline = performance.now() + READY_TIMEOUT_MS;
      for (;;) {
        const [list, network, dns] = await Promise.all([
          client.get<KubeList<KubeNode>>('/api/v1/nodes', step.signal),
          client.get<KubeDaemonSet>(
            `/apis/apps/v1/namespaces/${FLANNEL.namespace}/daemonsets/${FLANNEL.daemonSet}`,
            step.signal,
          ),
          client.get<KubeDeployment>('/apis/apps/v1/namespaces/kube-system/deployments/coredns', step.signal),
        ]);
        const ours = (list?.items ?? []).filter((node) => names.has(node.metadata.name));
        const waiting = report(step, names, ours) ?? waitsForPods(names.size, network, dns);
        if (waiting === undefined) return;
        if (performance.now() > deadline) throw notReady(names, ours, waiting);
        await sleep(POLL_MS, undefined, { signal: step.signal });
      }
    },
  };
}

/** Shows how far it is; undefined when there is nothing left to wait for. */
function report(step: StepContext, names: ReadonlySet<string>, nodes: readonly KubeNode[]): string | undefined {
  const unready = nodes.filter((node) => !isReady(node)).map((node) => node.metadata.name);
  const absent = [...names].filter((name) => !nodes.some((node) => node.metadata.name === name));
  const waiting = [...unready, ...absent];
  step.progress(names.size - waiting.length, names.size, 'items', waiting[0]);
  return waiting.length > 0 ? waiting.join(', ') : undefined;
}

function waitsForPods(
  nodes: number,
  network: KubeDaemonSet | undefined,
  dns: KubeDeployment | undefined,
): string | undefined {
  const running = network?.status?.numberReady ?? 0;
  if (running < nodes) return `the pod network (flannel), which runs on ${running} of ${nodes} nodes`;
  return (dns?.status?.readyReplicas ?? 0) > 0 ? undefined : 'cluster DNS (CoreDNS)';
}

function notReady(names: ReadonlySet<string>, nodes: readonly KubeNode[], waiting: string): KubewrightError {
  const reasons = nodes
    .filter((node) => names.has(node.metadata.name) && !isReady(node))
    .map((node) => {
      const message = node.status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? 'no status yet';
      return `${node.metadata.name}: ${message}`;
    });
  return new KubewrightError('node-not-ready', `After ${READY_TIMEOUT_MS / 1000} s these are not ready: ${waiting}`, {
    output: reasons,
    hint: 'Look at the pods with `kubectl get pods -A`, and at a kubelet with `kubewright exec NODE -- journalctl -u kubelet -n 50 --no-pager`.',
  });
}

const READY_TIMEOUT_MS = 180_000;
const POLL_MS = 200;
