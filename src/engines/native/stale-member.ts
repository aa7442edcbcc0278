import { KubewrightError } from '../../core/errors.js';
import type { StepContext } from '../../core/step.js';
import type { RemoteHost } from '../../host/remote-host.js';
import { sh } from '../../transport/command.js';
import type { EngineContext, HostView } from './context.js';
import { hasEtcdMachines, isControlPlane } from './endpoint.js';
import { type EtcdMember, etcdMembers, removeEtcdMember } from './etcd-members.js';
import type { ControlPlane } from './found-cluster.js';

/**
 * Makes way in etcd for a control plane that is about to join, where control planes hold it, and clears what a join
 * that was cut off left on the host. Errors: those of `makeWayForMember`.
 */
export async function clearWayForMember(
  found: HostView,
  step: StepContext,
  { members: controlPlanes }: ControlPlane,
  context: EngineContext,
): Promise<void> {
  const { node, kubernetes } = found;
  const external = hasEtcdMachines(context.cluster);
  if (!external) {
    const [other] = controlPlanes.filter((member) => member.node.name !== node.name);
    if (other === undefined) throw new KubewrightError('internal', `${node.name} joins a cluster that only it is in`);
    const wanted = new Set(context.cluster.nodes.filter(isControlPlane).map(({ name }) => name));
    const members = await etcdMembers(other.host, step);
    await makeWayForMember(found, { speaker: other.host, members, wanted }, step);
  }
  if (kubernetes.unfinished === 'join') await cleanUp(found, step, external);
}

/**
 * Makes way for a member that is about to join. Takes out the member that a machine of its name, now gone, was, and
 * what a join that was cut off left of it; and members that are lost for good: those that are not healthy and that no
 * machine of cluster.yaml is. Refuses where one that is wanted is not healthy: etcd could not bear another change.
 * Errors: `quorum-lost`.
 */
export async function makeWayForMember(
  found: HostView,
  etcd: {
    readonly speaker: RemoteHost;
    readonly members: readonly EtcdMember[];
    readonly wanted: ReadonlySet<string>;
  },
  step: StepContext,
): Promise<void> {
  const { speaker, members, wanted } = etcd;
  const stale = members.filter(
    (member) => isFormer(member, found) || (!member.healthy && !wanted.has(member.name) && member.name !== ''),
  );
  const sick = members.filter((member) => !stale.includes(member) && !member.healthy && !member.learner);
  if (sick.length > 0) throw notHealthy(sick, found.node.name);
  // First out of etcd, while it may still run: its vote may be needed for that.
  for (const member of stale) {
    step.line(`etcd member ${member.name || member.id} of a machine that is gone gives way`);
    await removeEtcdMember(speaker, member.id, step);
  }
}

/** Is it what the same host, or an earlier machine of its name, was in etcd? One that never started has no name. */
function isFormer(member: EtcdMember, { node, machine }: HostView): boolean {
  return member.name === node.name || member.peerUrls.includes(`https://${machine.address}:2380`);
}

function notHealthy(sick: readonly EtcdMember[], joining: string): KubewrightError {
  const names = sick.map(({ name, error }) => `  ${name}: ${error ?? 'not healthy'}`).join('\n');
  return new KubewrightError('quorum-lost', `etcd bears no new member while one is not healthy:\n${names}`, {
    hint: `Bring it back, or replace it (\`kubewright node replace ${sick[0]?.name}\`); then ${joining} can join.`,
    retryable: true,
  });
}

/**
 * Everything that kubeadm join made on this host; binaries, images and settings stay, and what it needs to talk to an
 * etcd that is elsewhere.
 */
async function cleanUp({ host }: HostView, step: StepContext, external: boolean): Promise<void> {
  const removeKeys = external
    ? sh`find /etc/kubernetes/pki -type f ! -path '*/pki/etcd/*' ! -name 'apiserver-etcd-client.*' -delete 2>/dev/null`
    : sh`rm -rf /etc/kubernetes/pki`;
  await host.script(
    sh`set -u
systemctl stop kubelet
rm -f /etc/kubernetes/manifests/*.yaml
for pod in $(ctr --namespace k8s.io tasks list -q); do ctr --namespace k8s.io tasks kill -s SIGKILL "$pod" 2>/dev/null || :; done
${removeKeys}
rm -rf /var/lib/kubelet/pki /etc/kubernetes/*.conf.bak
find /etc/kubernetes -maxdepth 1 -name '*.conf' ! -name 'kubelet-resolv.conf' -delete
find /var/lib/etcd -mindepth 1 -delete 2>/dev/null || :
[ ! -e /var/lib/etcd/member ]`,
    { context: step, title: 'clear what an earlier join left', timeoutMs: 60_000, changes: true },
  );
}
