import { KubewrightError } from '../../core/errors.js';
import type { Change, ChangeStep, StepContext, StepRef } from '../../core/step.js';
import { type ApiAccess, proveAccess } from '../../kube/access.js';
import { isReady, type KubeNode } from '../../kube/objects.js';
import { untilFound } from '../../kube/wait.js';
import type { Cluster, NodeSpec } from '../../model/cluster.js';
import { sh } from '../../transport/command.js';
import { apiCandidates } from './access.js';
import { type ControlPlaneMachines, knownMachines } from './api-servers.js';
import { type HostView, nodeStep } from './context.js';
import { hasEtcdMachines, hasVirtualIp } from './endpoint.js';
import { assertQuorumWithout, type EtcdMember, etcdMembers, removeEtcdMember } from './etcd-members.js';
import type { LookedAt } from './facts-step.js';
import type { ControlPlane } from './found-cluster.js';
import { UNITS } from './units.js';

/** What all leaving nodes share. */
export interface LeaveSource {
  readonly cluster: Cluster;
  readonly controlPlane: StepRef<ControlPlane>;
  /** The machines of the control planes that stay. */
  readonly staying: ControlPlaneMachines;
  /** The names of all nodes that leave: none of them is asked for help. */
  readonly leaving: ReadonlySet<string>;
  /** Remove nodes that do not answer without waiting for them. */
  readonly forceUnreachable: boolean;
  /** Moves the pods of a node elsewhere. */
  readonly drain: (
    node: { readonly name: string; readonly ready: boolean },
    access: ApiAccess,
    step: StepContext,
  ) => Promise<void>;
  /** Steps that must have been done before any node leaves: those that bring others in its place. */
  readonly needs: readonly string[];
  readonly after: readonly string[];
}

/** The host of a node that leaves; `absent`: its machine is gone already. */
export type LeavingHost = LookedAt | { readonly kind: 'absent' };

/**
 * Takes a node out of the cluster: drained, its API server ended gently, out of etcd, its Node deleted. What is on the
 * host is the reset's or the provider's. Errors: `drain-blocked`, `quorum-lost`, `node-unreachable`.
 */
export function leaveStep(node: NodeSpec, host: StepRef<LeavingHost>, source: LeaveSource): ChangeStep {
  const { name } = node;
  return {
    kind: 'change',
    id: nodeStep(node, 'leave'),
    title: 'take the node out of the cluster',
    phase: 'leave',
    host: name,
    needs: [host.id, source.controlPlane.id, ...source.needs],
    after: [...[...source.staying.values()].map(({ id }) => id), ...source.after],
    limits: ['membership'],
    timeoutMs: 30 * 60_000,
    async check(step) {
      const found = step.output(host);
      const { actual, access, ask } = await lookFor(name, step, source);
      access.client[Symbol.dispose]();
      const members = await membersAt(ask, step, source);
      const member = memberOf(name, members);
      const changes: Change[] = [];
      if (actual !== undefined && found.kind === 'reached') {
        changes.push({ action: 'run', what: `drain ${name}`, why: 'it is to be removed', disruptive: true });
      }
      if (member !== undefined) changes.push({ action: 'delete', what: `etcd member ${name}`, disruptive: true });
      if (actual !== undefined)
        changes.push({ action: 'delete', what: `node ${name}`, why: 'not in cluster.yaml', disruptive: true });
      if (changes.length === 0) return { kind: 'current', output: undefined };
      if (found.kind === 'unreachable' && !source.forceUnreachable) throw unreachable(name, found.error);
      assertQuorumWithout(members, new Set([name]));
      return { kind: 'drifted', changes };
    },
    async apply(step) {
      const found = step.output(host);
      const { actual, access, ask } = await lookFor(name, step, source);
      if (actual !== undefined && found.kind === 'reached') {
        await access.client.patch(
          `/api/v1/nodes/${name}`,
          { metadata: { annotations: { [LEAVING]: '' } } },
          step.signal,
        );
        await source.drain({ name, ready: isReady(actual) }, access, step);
      }
      if (found.kind === 'reached' && found.view.kubernetes.controlPlane) await endApiServer(found.view, step, source);
      const members = await membersAt(ask, step, source);
      const member = memberOf(name, members);
      if (member !== undefined) {
        assertQuorumWithout(members, new Set([name]));
        await removeEtcdMember(ask.host, member.id, step);
      }
      await access.client.delete(`/api/v1/nodes/${name}`, step.signal);
      access.client[Symbol.dispose]();
    },
  };
}

/** On a node that we have cordoned: should it be wanted again, it is to be uncordoned. */
export const LEAVING = 'kubewright.dev/leaving';

/** How the cluster sees the node, asked of control planes that stay. */
async function lookFor(name: string, step: StepContext, source: LeaveSource) {
  const { controlPlane, cluster, leaving } = source;
  const { adminConf, members: controlPlanes } = step.output(controlPlane);
  const staying = controlPlanes.filter(({ node }) => !leaving.has(node.name));
  const joined = knownMachines(step, source.staying);
  const machines = [
    ...staying.map(({ machine }) => machine),
    ...joined,
    ...controlPlanes.map(({ machine }) => machine),
  ];
  const candidates = [...new Set(machines.flatMap((machine) => apiCandidates(machine, cluster.api.port)))];
  const access = await untilFound('the API server', 60_000, step.signal, () =>
    proveAccess(adminConf, candidates, step.signal),
  );
  const ask = staying[0] ?? controlPlanes.find(({ node }) => node.name !== name) ?? controlPlanes[0];
  if (ask === undefined) throw new KubewrightError('internal', 'a cluster was found without a control plane');
  const actual = await access.client.get<KubeNode>(`/api/v1/nodes/${name}`, step.signal);
  return { access, ask, actual };
}

/** Nobody has a vote where etcd has machines of its own. */
async function membersAt(
  { host }: HostView,
  step: StepContext,
  { cluster }: LeaveSource,
): Promise<readonly EtcdMember[]> {
  return hasEtcdMachines(cluster) ? [] : etcdMembers(host, step);
}

function memberOf(name: string, members: readonly EtcdMember[]): EtcdMember | undefined {
  return members.find((member) => member.name === name);
}

/** Ends the API server as it wants to be ended, before its etcd goes: no request that it has taken is lost. */
async function endApiServer({ host, machine }: HostView, step: StepContext, { cluster }: LeaveSource): Promise<void> {
  await host.script(
    sh`set -u
${hasVirtualIp(cluster) ? GIVE_ADDRESS_AWAY : sh`:`}
mkdir -p /var/lib/kubewright/leaving
for name in kube-apiserver kube-controller-manager kube-scheduler; do
  mv -f "/etc/kubernetes/manifests/$name.yaml" /var/lib/kubewright/leaving/ 2>/dev/null
done
tries=0
while [ "$tries" -lt 300 ] && ctr --namespace k8s.io containers list -q 'labels."io.kubernetes.container.name"==kube-apiserver' | grep -q .; do
  running=$(ctr --namespace k8s.io tasks list | awk '$3 == "RUNNING" { print $1 }')
  found=no
  for id in $(ctr --namespace k8s.io containers list -q 'labels."io.kubernetes.container.name"==kube-apiserver'); do
    case " $(echo $running) " in *" $id "*) found=yes ;; esac
  done
  [ "$found" = yes ] || break
  tries=$((tries + 1)); sleep 0.1
done`,
    { context: step, title: `end the API server of ${machine.name}`, timeoutMs: 60_000, changes: true },
  );
}

/** The refusal of a machine that is to be removed and does not answer. */
export function unreachable(name: string, cause: KubewrightError): KubewrightError {
  return new KubewrightError('node-unreachable', `${name} is to be removed and does not answer: ${cause.message}`, {
    hint: 'Bring it back, so that it can be drained and reset; or remove it as it is: --force-unreachable.',
    host: name,
    cause,
  });
}

/** The address of the API goes to another control plane at once. */
const GIVE_ADDRESS_AWAY = sh`systemctl disable -q --now ${UNITS.virtualIp} 2>/dev/null`;
