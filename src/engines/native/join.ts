import type { ChangeStep, StepRef } from '../../core/step.js';
import { renderDiscovery } from '../../kube/discovery.js';
import type { KubeNode } from '../../kube/objects.js';
import { untilFound } from '../../kube/wait.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { Machine } from '../../providers/provider.js';
import { hiding, secret, sh } from '../../transport/command.js';
import type { ClusterView } from './access.js';
import { type EngineContext, nodeStep } from './context.js';
import { type LookedAt, reached } from './facts-step.js';
import type { ControlPlane } from './init.js';
import type { JoinDesk } from './join-credentials.js';
import { apiServerUrl, joinConfig } from './kubeadm-config.js';
import { ignoredPreflight } from './kubeadm-preflight.js';

/** What joining nodes share: where the API server is and how to come in. */
export interface JoinSource {
  readonly controlPlane: StepRef<ControlPlane>;
  readonly machine: StepRef<Machine>;
  readonly access: StepRef<ClusterView>;
  readonly desk: JoinDesk;
}

/**
 * `kubeadm join`. Workers join side by side; none waits for another. Control planes join one at a time, since each
 * changes etcd's membership.
 */
export function joinStep(
  node: NodeSpec,
  view: StepRef<LookedAt>,
  source: JoinSource,
  context: EngineContext,
): ChangeStep {
  const isControlPlane = node.roles.includes('control-plane');
  return {
    kind: 'change',
    id: nodeStep(node, 'join'),
    title: 'join the cluster (kubeadm join)',
    phase: 'join',
    host: node.name,
    needs: [view.id, nodeStep(node, 'prepare'), source.controlPlane.id, source.machine.id, source.access.id],
    ...(isControlPlane ? { limits: ['control-plane-join'] } : {}),
    timeoutMs: 5 * 60_000,
    check(step) {
      const { kubernetes } = reached(step.output(view));
      // A new host needs no question to an API server that may not exist yet.
      if (!kubernetes.joined || kubernetes.unfinished === 'join') {
        const why = kubernetes.unfinished === 'join' ? 'begun before, not ended' : 'not a member yet';
        return { kind: 'drifted', changes: [{ action: 'run', what: 'kubeadm join', why }] };
      }
      if (step.output(source.access).nodes.has(node.name)) return { kind: 'current', output: undefined };
      return {
        kind: 'drifted',
        changes: [{ action: 'run', what: 'kubeadm join', why: 'the API server does not know this node' }],
      };
    },
    async apply(step) {
      const found = reached(step.output(view));
      const token = await source.desk.token(step);
      const certificateKey = isControlPlane ? await source.desk.certificateKey(step) : undefined;
      const config = joinConfig({
        cluster: context.cluster,
        node,
        address: found.machine.address,
        traits: found.traits,
        token,
        certificateKey,
        discoveryFile: DISCOVERY_FILE,
        ignoredPreflight: ignoredPreflight(found),
      });
      const server = apiServerUrl(step.output(source.machine).address, context.cluster.api.port);
      const forgotten = found.kubernetes.joined && found.kubernetes.unfinished !== 'join';
      await found.host.script(
        hiding(
          sh`set -eu
umask 077
d=/run/kubewright; mkdir -p "$d" /var/lib/kubewright
trap 'rm -f "$d/join.yaml" "$d/discovery.conf"' EXIT
printf %s ${secret(config)} > "$d/join.yaml"
printf %s ${renderDiscovery(server, step.output(source.controlPlane).ca)} > "$d/discovery.conf"
${forgotten ? FORGET : sh`:`}
: > /var/lib/kubewright/join-begun
kubeadm join --config "$d/join.yaml"
rm -f /var/lib/kubewright/join-begun`,
          [token, certificateKey],
        ),
        { context: step, title: 'kubeadm join', timeoutMs: 4 * 60_000 },
      );
    },
    async verify(step) {
      const { client } = step.output(source.access);
      await untilFound(`node ${node.name} in the API`, 30_000, step.signal, () =>
        client.get<KubeNode>(`/api/v1/nodes/${node.name}`, step.signal),
      );
    },
  };
}

const DISCOVERY_FILE = '/run/kubewright/discovery.conf';

/** A node that was deleted from the cluster keeps an identity that nobody accepts any more: it needs a new one. */
const FORGET = sh`systemctl stop kubelet
rm -f /etc/kubernetes/kubelet.conf /etc/kubernetes/bootstrap-kubelet.conf /etc/kubernetes/pki/ca.crt
rm -rf /var/lib/kubelet/pki`;
