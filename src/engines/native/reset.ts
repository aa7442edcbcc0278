import type { ChangeStep, StepRef } from '../../core/step.js';
import { REMOVE_PACKAGES } from '../../host/packages.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { Machine } from '../../providers/provider.js';
import { sh } from '../../transport/command.js';
import { BINARY_PATHS } from './binary-paths.js';
import type { EngineContext } from './context.js';
import type { LeavingHost } from './leave.js';
import { PATHS } from './node-files.js';
import { UNITS } from './units.js';

/**
 * Takes everything off one host that kubewright put there: pods, mounts, interfaces, nftables tables, files and
 * units. What belongs to the host (its packages, its resolver, other containers' images) was never touched.
 */
export function resetStep(
  node: NodeSpec,
  machine: StepRef<Machine>,
  context: Pick<EngineContext, 'openHost'>,
  order: ResetOrder = {},
): ChangeStep {
  const { needs = [], seen } = order;
  return {
    kind: 'change',
    id: `${node.name}/reset`,
    title: 'take Kubernetes off the host',
    phase: 'reset',
    host: node.name,
    needs: [machine.id, ...needs, ...(seen === undefined ? [] : [seen.id])],
    timeoutMs: 5 * 60_000,
    async check(step) {
      if (seen !== undefined && step.output(seen).kind !== 'reached') {
        return { kind: 'current', output: undefined, why: 'it does not answer' };
      }
      const host = await context.openHost(step.output(machine).ssh, step.signal);
      const { stdout } = await host.script(sh`for path in ${[...TRACES]}; do [ -e "$path" ] && echo "$path"; done; :`, {
        context: step,
        title: 'look for Kubernetes',
        timeoutMs: 30_000,
        show: false,
      });
      const found = stdout.split('\n').filter((line) => line !== '');
      if (found.length === 0) return { kind: 'current', output: undefined, why: 'no trace of Kubernetes' };
      return {
        kind: 'drifted',
        changes: found.map((what) => ({ action: 'delete' as const, what, disruptive: true })),
      };
    },
    async apply(step) {
      const host = await context.openHost(step.output(machine).ssh, step.signal);
      await host.script(RESET, { context: step, title: 'reset', timeoutMs: 4 * 60_000, changes: true });
    },
  };
}

/** What a reset comes after. */
export interface ResetOrder {
  readonly needs?: readonly string[] | undefined;
  /** Where it was looked at the host before: one that did not answer is left alone. */
  readonly seen?: StepRef<LeavingHost> | undefined;
}

const TRACES = [
  '/etc/kubernetes',
  '/var/lib/kubelet',
  '/var/lib/etcd',
  '/var/lib/kubewright',
  '/etc/containerd',
  '/var/lib/containerd',
  '/opt/cni',
  '/opt/kubewright',
];

const RESET = sh`set -u
systemctl stop kubelet 2>/dev/null
if [ -x /usr/local/bin/kubeadm ] && [ -S /run/containerd/containerd.sock ]; then
  timeout 90 kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock >/dev/null 2>&1 || echo 'kubeadm reset did not end well; going on by hand'
fi
if [ -S /run/containerd/containerd.sock ] && command -v ctr >/dev/null; then
  for task in $(ctr --namespace k8s.io tasks list -q 2>/dev/null); do ctr --namespace k8s.io tasks kill -s 9 "$task" 2>/dev/null; done
fi
systemctl disable -q --now ${Object.values(UNITS)} 2>/dev/null
for pid in $(pgrep -f /usr/local/bin/containerd-shim-runc-v2 2>/dev/null); do kill -9 "$pid" 2>/dev/null; done
awk '$2 ~ "^/(var/lib/kubelet|run/containerd|run/netns/cni|run/flannel)" {print $2}' /proc/mounts | sort -r | while read -r mount; do umount "$mount" 2>/dev/null || umount -l "$mount"; done
for link in flannel.1 cni0; do ip link delete "$link" 2>/dev/null; done
for link in $(ip -o link 2>/dev/null | awk -F'[ :@]+' '$2 ~ /^veth/ {print $2}'); do ip link show "$link" | grep -q 'link-netns cni-' && ip link delete "$link"; done
for namespace in $(ls /run/netns 2>/dev/null | grep '^cni-'); do ip netns delete "$namespace" 2>/dev/null; done
if command -v nft >/dev/null; then
  for table in 'ip kube-proxy' 'ip6 kube-proxy' 'ip flannel-ipv4' 'ip6 flannel-ipv6' 'inet cni_hostport'; do nft delete table $table 2>/dev/null; done
fi
${REMOVE_PACKAGES}
rm -rf /etc/kubernetes /var/lib/kubelet /var/lib/etcd /var/lib/cni /run/flannel /run/kubewright /var/lib/kubewright /var/log/pods /var/log/containers
rm -rf /opt/cni /opt/kubewright /etc/kubewright /etc/cni/net.d/10-flannel.conflist /etc/containerd
# A mount point stays; what is in it goes.
find /var/lib/containerd -mindepth 1 -delete 2>/dev/null; rmdir /var/lib/containerd 2>/dev/null
rm -f ${[...BINARY_PATHS]} ${Object.values(PATHS)}
systemctl daemon-reload
left=''
for path in /etc/kubernetes /var/lib/kubelet /var/lib/etcd; do [ -e "$path" ] && left="$left $path"; done
[ -z "$left" ] || { echo "could not be removed:$left" >&2; exit 1; }`;
