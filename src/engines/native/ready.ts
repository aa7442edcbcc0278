import { setTimeout as sleep } from 'node:timers/promises';
import { KubewrightError } from '../../core/errors.js';
import type { ReadStep, StepContext, StepRef } from '../../core/step.js';
import { isReady, type KubeDaemonSet, type KubeList, type KubeNode } from '../../kube/objects.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { ClusterView } from './access.js';
import { nodeStep } from './context.js';
import { FLANNEL } from './flannel.js';
import { joinedBy } from './registration.js';

/**
 * Waits until every node is Ready and the pod network runs on each of them: then pods can be scheduled and
 * reach each other. A cluster that is so already costs one look.
 */
export function readyStep(nodes: readonly NodeSpec[], first: NodeSpec, access: StepRef<ClusterView>): ReadStep {
  return {
    kind: 'read',
    id: 'cluster/ready',
    title: 'wait for the nodes to be Ready',
    phase: 'nodes',
    needs: [access.id, nodeStep(first, 'addons'), ...nodes.map((node) => joinedBy(node, first))],
    timeoutMs: READY_TIMEOUT_MS + 30_000,
    async read(step) {
      if (step.mode === 'plan') return;
      const { client } = step.output(access);
      const names = new Set(nodes.map(({ name }) => name));
      const deadline = performance.now() + READY_TIMEOUT_MS;
      for (;;) {
        const [list, network] = await Promise.all([
          client.get<KubeList<KubeNode>>('/api/v1/nodes', step.signal),
          client.get<KubeDaemonSet>(
            `/apis/apps/v1/namespaces/${FLANNEL.namespace}/daemonsets/${FLANNEL.daemonSet}`,
            step.signal,
          ),
        ]);
        const ours = (list?.items ?? []).filter((node) => names.has(node.metadata.name));
        const waiting = report(step, names, ours, network);
        if (waiting === undefined) return;
        if (performance.now() > deadline) throw notReady(names, ours, waiting);
        await sleep(POLL_MS, undefined, { signal: step.signal });
      }
    },
  };
}

/** Shows how far it is; undefined when there is nothing left to wait for. */
function report(
  step: StepContext,
  names: ReadonlySet<string>,
  nodes: readonly KubeNode[],
  network: KubeDaemonSet | undefined,
): string | undefined {
  const unready = nodes.filter((node) => !isReady(node)).map((node) => node.metadata.name);
  const absent = [...names].filter((name) => !nodes.some((node) => node.metadata.name === name));
  const waiting = [...unready, ...absent];
  step.progress(names.size - waiting.length, names.size, 'items', waiting[0]);
  if (waiting.length > 0) return waiting.join(', ');
  const running = network?.status?.numberReady ?? 0;
  return running >= names.size ? undefined : `the pod network, on ${running} of ${names.size} nodes`;
}

function notReady(names: ReadonlySet<string>, nodes: readonly KubeNode[], waiting: string): KubewrightError {
  const reasons = nodes
    .filter((node) => names.has(node.metadata.name) && !isReady(node))
    .map((node) => {
      const message = node.status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? 'no status yet';
      return `${node.metadata.name}: ${message}`;
    });
  return new KubewrightError('node-not-ready', `Not Ready after ${READY_TIMEOUT_MS / 1000} s: ${waiting}`, {
    output: reasons,
    hint: 'Look at the kubelet there: kubewright exec NODE -- journalctl -u kubelet -n 50 --no-pager',
  });
}

const READY_TIMEOUT_MS = 180_000;
const POLL_MS = 200;
