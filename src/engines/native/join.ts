import { KubewrightError } from '../../core/errors.js';
import type { Change, ChangeStep, StepContext, StepRef } from '../../core/step.js';
import { renderDiscovery } from '../../kube/discovery.js';
import type { KubeNode } from '../../kube/objects.js';
import { untilFound } from '../../kube/wait.js';
import type { NodeSpec } from '../../model/cluster.js';
import { hiding, secret, sh } from '../../transport/command.js';
import type { ClusterView } from './access.js';
import { type ControlPlaneMachines, knownMachines } from './api-servers.js';
import { ensureCertificateNames } from './cluster-configuration.js';
import { type EngineContext, type HostView, nodeStep } from './context.js';
import { controlPlaneUrl, isControlPlane } from './endpoint.js';
import { ETCD_ENDPOINTS } from './etcd/endpoints-step.js';
import type { EtcdGraph } from './etcd/etcd-graph.js';
import { type LookedAt, reached } from './facts-step.js';
import type { ControlPlane } from './found-cluster.js';
import type { JoinDesk } from './join-credentials.js';
import { joinConfig } from './kubeadm-config.js';
import { ignoredPreflight } from './kubeadm-preflight.js';
import type { KubernetesState } from './probes.js';
import { clearWayForMember } from './stale-member.js';

/** What joining nodes share: where the cluster is and how to come in. */
export interface JoinSource {
  /** The control plane that begins the cluster where there is none. */
  readonly founder: NodeSpec;
  readonly controlPlane: StepRef<ControlPlane>;
  readonly machines: ControlPlaneMachines;
  readonly access: StepRef<ClusterView>;
  readonly desk: JoinDesk;
  /** Where etcd has machines of its own. */
  readonly etcd: EtcdGraph | undefined;
}

/**
 * `kubeadm join`; gives whether the node is a new one by it. Workers join side by side; none waits for another. Control planes join one at a time, since each
 * changes etcd's membership. A machine that is new under the name of a node that is known takes that node's place.
 */
export function joinStep(
  node: NodeSpec,
  view: StepRef<LookedAt>,
  source: JoinSource,
  context: EngineContext,
): ChangeStep<boolean> {
  return {
    kind: 'change',
    id: nodeStep(node, 'join'),
    title: 'join the cluster (kubeadm join)',
    phase: 'join',
    host: node.name,
    needs: [
      view.id,
      nodeStep(node, 'prepare'),
      source.controlPlane.id,
      source.access.id,
      ...(isControlPlane(node) && source.etcd !== undefined ? [nodeStep(node, 'etcd-client'), ETCD_ENDPOINTS] : []),
    ],
    ...(isControlPlane(node)
      ? { limits: ['membership'], after: [...source.machines.values()].map(({ id }) => id) }
      : {}),
    timeoutMs: 8 * 60_000,
    check(step) {
      const change = joinChange(reached(step.output(view)), step, source);
      return change === undefined ? { kind: 'current', output: false } : { kind: 'drifted', changes: [change] };
    },
    async apply(step) {
      const found = reached(step.output(view));
      await takePlace(found, step, source, context);
      const token = await source.desk.token(step);
      const certificateKey = isControlPlane(node) ? await source.desk.certificateKey(step) : undefined;
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
      const forgotten = found.kubernetes.joined && found.kubernetes.unfinished !== 'join';
      await found.host.script(
        hiding(
          sh`set -eu
umask 077
d=/run/kubewright; mkdir -p "$d" /var/lib/kubewright
trap 'rm -f "$d/join.yaml" "$d/discovery.conf"' EXIT
printf %s ${secret(config)} > "$d/join.yaml"
printf %s ${renderDiscovery(controlPlaneUrl(context.cluster), step.output(source.controlPlane).ca)} > "$d/discovery.conf"
${forgotten ? FORGET : sh`:`}
: > /var/lib/kubewright/join-begun
kubeadm join --config "$d/join.yaml"
rm -f /var/lib/kubewright/join-begun`,
          [token, certificateKey],
        ),
        { context: step, title: 'kubeadm join', timeoutMs: 5 * 60_000, changes: true },
      );
      return true;
    },
    async verify(step) {
      const { client } = step.output(source.access);
      await untilFound(`node ${node.name} in the API`, 30_000, step.signal, () =>
        client.get<KubeNode>(`/api/v1/nodes/${node.name}`, step.signal),
      );
    },
  };
}

/** What has to be done for the node to be a member; undefined where it is one. */
function joinChange(found: HostView, step: StepContext, source: JoinSource): Change | undefined {
  const { node, kubernetes } = found;
  const cluster = step.known(source.controlPlane);
  // Whoever begins the cluster is its member by that.
  if (cluster.kind === 'unknown' && source.founder === node) return undefined;
  if (cluster.kind === 'output' && hasBegun(cluster.output, node)) return undefined;
  // A new host needs no question to an API server that may not exist yet.
  return membershipChange(kubernetes, () => step.output(source.access).nodes.has(node.name));
}

/** What a host as it was found needs to be a member. `isKnown`: does the API know its node? It is asked only of a host that joined. */
export function membershipChange(kubernetes: KubernetesState, isKnown: () => boolean): Change | undefined {
  const change = (why: string): Change => ({ action: 'run', what: 'kubeadm join', why });
  if (kubernetes.unfinished === 'join') return change('begun before, not ended');
  if (!kubernetes.joined) return change('not a member yet');
  return isKnown() ? undefined : change('the API server does not know this node');
}

/** Did `kubeadm init` run there in this run? */
function hasBegun({ joining, members }: ControlPlane, node: NodeSpec): boolean {
  return joining !== undefined && members.some((member) => member.node.name === node.name);
}

/** What must be gone or in place before this host joins: a predecessor of its name, remains of a join that was cut off. */
async function takePlace(
  found: HostView,
  step: StepContext,
  source: JoinSource,
  context: EngineContext,
): Promise<void> {
  const { node, kubernetes } = found;
  const { client, nodes } = step.output(source.access);
  if (isControlPlane(node)) {
    if (kubernetes.controlPlane && kubernetes.unfinished === undefined) {
      throw new KubewrightError(
        'node-forgotten',
        `${node.name} runs a control plane, but the cluster does not know it as a node any more`,
        { hint: `\`kubewright node replace ${node.name}\` takes it out and has it join anew.` },
      );
    }
    await clearWayForMember(found, step, step.output(source.controlPlane), context);
    const machines = knownMachines(step, source.machines);
    await ensureCertificateNames(client, context.cluster, machines, step.signal);
  }
  // kubeadm refuses a name that belongs to a Ready node, which the machine that was lost may still seem to be. So may
  // this one, whose join was cut off: its kubelet went on.
  if ((!kubernetes.joined || kubernetes.unfinished === 'join') && nodes.has(node.name)) {
    step.line(`the node ${node.name} of a machine that is gone, or of a join that was cut off, gives way`);
    await client.delete(`/api/v1/nodes/${node.name}`, step.signal);
  }
}

const DISCOVERY_FILE = '/run/kubewright/discovery.conf';

/** A node that was deleted from the cluster keeps an identity that nobody accepts any more: it needs a new one. */
const FORGET = sh`systemctl stop kubelet
rm -f /etc/kubernetes/kubelet.conf /etc/kubernetes/bootstrap-kubelet.conf /etc/kubernetes/pki/ca.crt
rm -rf /var/lib/kubelet/pki`;
