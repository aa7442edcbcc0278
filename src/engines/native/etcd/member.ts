import type { StepContext } from '../../../core/step.js';
import { secret, sh } from '../../../transport/command.js';
import type { EngineContext, HostView } from '../context.js';
import type { EtcdAuthority } from './authority.js';
import { type EtcdStart, etcdConfig } from './etcd-config.js';
import { etcdTag } from './etcd-tag.js';

/**
 * Starts a member of etcd on a machine: its certificates, then its static pod, both by kubeadm's phases. Until
 * `endBeginning` the machine counts as one whose start was cut off. What an earlier start left is used where it was the
 * same (`resume`), else it is cleared away.
 */
export async function startMember(
  found: HostView,
  start: EtcdStart & { readonly authority: EtcdAuthority; readonly resume: boolean },
  step: StepContext,
  context: EngineContext,
): Promise<void> {
  const { node, machine, etcd } = found;
  const { authority, initialCluster } = start;
  const tag = await etcdTag(found, step, context);
  const config = etcdConfig({ cluster: context.cluster, node, address: machine.address, tag, start });
  await found.host.script(
    sh`set -eu
umask 077
d=/run/kubewright pki=/etc/kubernetes/pki/etcd; mkdir -p "$d" /var/lib/kubewright
trap 'rm -f "$d/etcd.yaml"' EXIT
printf %s ${config} > "$d/etcd.yaml"
# From here on this is a machine whose start was cut off.
[ -e ${BEGUN} ] || : > ${BEGUN}
${start.resume && etcd.begun === initialCluster ? sh`:` : CLEAR}
[ "$(cat "$pki/ca.crt" 2>/dev/null)" = ${authority.certificate.trimEnd()} ] || rm -rf "$pki"
mkdir -p "$pki" /etc/kubernetes/manifests
printf %s ${authority.certificate} > "$pki/ca.crt"
printf %s ${secret(authority.key)} > "$pki/ca.key"
printf %s ${initialCluster} > ${BEGUN}
for certificate in etcd-server etcd-peer etcd-healthcheck-client; do
  kubeadm init phase certs "$certificate" --config "$d/etcd.yaml"
done
kubeadm init phase etcd local --config "$d/etcd.yaml"
systemctl start kubelet`,
    { context: step, title: 'start etcd', timeoutMs: 2 * 60_000, changes: true },
  );
}

/** Notes that the member came up: from here on its machine speaks for etcd. */
export async function endBeginning({ host }: HostView, step: StepContext): Promise<void> {
  await host.script(sh`rm -f ${BEGUN}`, {
    context: step,
    title: 'note that etcd runs',
    timeoutMs: 30_000,
    changes: true,
  });
}

const BEGUN = '/var/lib/kubewright/etcd-begun';

/** Everything that an earlier start of etcd made here; binaries, images and settings stay. */
const CLEAR = sh`systemctl stop kubelet
rm -f /etc/kubernetes/manifests/etcd.yaml
for task in $(ctr --namespace k8s.io tasks list -q); do ctr --namespace k8s.io tasks kill -s SIGKILL "$task" 2>/dev/null || :; done
# The certificates prove whose the data is: they go after it.
find /var/lib/etcd -mindepth 1 -delete 2>/dev/null || :
[ ! -e /var/lib/etcd/member ]
rm -rf "$pki"`;
