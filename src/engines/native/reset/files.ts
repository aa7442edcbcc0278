import { CNI_PLUGINS } from '../../../artifacts/placement.js';
import { type Command, sh } from '../../../transport/command.js';
import { BINARY_PATHS } from '../binary-paths.js';
import { PATHS } from '../node-files.js';
import { MANIFEST } from '../probes.js';

/**
 * Shell functions for the files of a host: which are ours and which Kubernetes made, and how they go. A file is ours by
 * proof only: by the note that was made of it, by the words that our files begin with, or as a link into the payload.
 * What proves it goes last, so that a reset that was cut off is taken up by the next. `keep` is not empty where
 * containerd serves others, too: then it stays with all that it needs.
 */
export function fileFunctions(payloadDirectory: string | undefined): Command {
  return sh`manifest=${MANIFEST} payload=${payloadDirectory ?? '/nowhere'}

is_noted() { awk -v path="$1" -v as="$2" '$4 == path && (as == $1 || as == $2 " " $3) { found = 1 } END { exit !found }' "$manifest"; }

# What was touched since it was noted is known by its content.
is_ours() {
  if [ -h "$1" ]; then
    case $(readlink "$1") in "$payload"/*) return 0 ;; esac
    return 1
  fi
  [ -f "$1" ] && [ -f "$manifest" ] || return 1
  is_noted "$1" "$(stat -c '%s %Y' "$1")" || is_noted "$1" "$(sha256sum "$1" | cut -d ' ' -f 1)"
}
is_written_by_us() { grep -qs 'Written by kubewright' "$1"; }

# A mount point of the machine, or a link to another of its disks: that stays, and what is in it goes.
is_place() { [ -h "$1" ] || grep -qs " $1 " /proc/mounts; }
holds_something() {
  [ -e "$1" ] || return 1
  is_place "$1" || return 0
  [ "$(ls -A "$1/" | grep -vx lost+found)" ]
}

# A volume that is still mounted in there holds somebody's data: then nothing is removed.
clear_path() {
  [ -e "$1" ] || [ -h "$1" ] || return 0
  if awk -v folder="$(readlink -f "$1")/" 'index($2, folder) == 1 { found = 1 } END { exit !found }' /proc/mounts; then return 1; fi
  if [ -d "$1" ] && is_place "$1"; then find "$1/" -mindepth 1 -maxdepth 1 ! -name lost+found -exec rm -rf --one-file-system {} +
  else rm -rf --one-file-system "$1"
  fi
}

our_binaries() {
  for file in ${NODE_BINARIES}; do is_ours "$file" && echo "$file"; done
  [ "$keep" ] || for file in ${RUNTIME_BINARIES}; do is_ours "$file" && echo "$file"; done
}
our_configuration() {
  for file in ${NODE_CONFIGURATION}; do is_written_by_us "$file" && echo "$file"; done
  [ "$keep" ] || for file in ${RUNTIME_CONFIGURATION}; do is_written_by_us "$file" && echo "$file"; done
}

# What a run that was killed had not renamed into place yet.
drafts() {
  ls -d /usr/local/bin/.*.kubewright-* /usr/local/sbin/.*.kubewright-* /opt/cni/bin/.*.kubewright-* \
    /usr/local/bin/*.kubewright /usr/local/sbin/*.kubewright /opt/cni/bin/*.kubewright /etc/containerd/*.kubewright \
    /etc/systemd/system/*.kubewright /etc/sysctl.d/*.kubewright /etc/modules-load.d/*.kubewright 2>/dev/null
}

our_memory() {
  ls -d /opt/kubewright/haproxy /opt/kubewright/haproxy.new /etc/kubewright /run/kubewright 2>/dev/null
  if [ "$keep" ]; then ls -d /var/lib/kubewright/* 2>/dev/null | grep -vx "$manifest"
  else ls -d /var/lib/kubewright 2>/dev/null
  fi
}
was_touched() { [ -d /var/lib/kubewright ] || [ "$(our_memory; our_configuration; drafts; our_binaries)" ]; }

# In the order in which they go: of /etc/kubernetes the rest can be told.
kubernetes_paths() {
  for path in /var/lib/kubelet $etcd /var/lib/cni/networks/cbr0 /var/lib/cni/flannel /var/lib/cni/results/cbr0-* \
    /var/lib/cni/results/cni-loopback-* /run/flannel /var/log/pods /var/log/containers /etc/cni/net.d/10-flannel.conflist; do
    holds_something "$path" && echo "$path"
  done
  [ "$keep" ] || for path in /var/lib/containerd /run/containerd /run/nri; do holds_something "$path" && echo "$path"; done
  holds_something /etc/kubernetes && echo /etc/kubernetes
}

# A folder that holds data is refused, before a certificate for etcd is made: where that is, the data is ours.
etcd_folder() {
  [ -e /etc/kubernetes/pki/etcd/server.crt ] || [ -e /etc/kubernetes/manifests/etcd.yaml ] ||
    ls -d /var/log/pods/kube-system_etcd-* >/dev/null 2>&1 || return 0
  echo /var/lib/etcd
}

# containerd ends itself when the folder of its CNI configurations goes.
remove_empty_folders() {
  rmdir /var/lib/cni/networks /var/lib/cni/results /var/lib/cni /opt/kubewright /run/netns 2>/dev/null
  [ "$keep" ] || rmdir /etc/cni/net.d /etc/cni /opt/cni/bin /opt/cni /etc/containerd /opt/containerd/bin /opt/containerd/lib \
    /opt/containerd 2>/dev/null
}`;
}

const RUNTIME = new Set([
  ...['containerd', 'containerd-shim-runc-v2', 'ctr'].map((name) => `/usr/local/bin/${name}`),
  '/usr/local/sbin/runc',
  ...CNI_PLUGINS.map((name) => `/opt/cni/bin/${name}`),
]);

/** What containers need that are not Kubernetes'. */
export const RUNTIME_BINARIES = BINARY_PATHS.filter((path) => RUNTIME.has(path));
export const NODE_BINARIES = BINARY_PATHS.filter((path) => !RUNTIME.has(path));
export const RUNTIME_CONFIGURATION = [PATHS.containerdConfig, PATHS.containerdUnit];
/** Those that lie in no folder that goes as a whole. */
export const NODE_CONFIGURATION = [
  ...[PATHS.kubeletUnit, PATHS.balancerUnit, PATHS.virtualIpUnit],
  ...[PATHS.sysctl, PATHS.modules],
];
