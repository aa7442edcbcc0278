import { PACKAGE_FUNCTIONS } from '../../../host/packages.js';
import { type Command, join, sh } from '../../../transport/command.js';
import { CONTAINERD_FUNCTIONS } from './containerd.js';
import { fileFunctions } from './files.js';
import { LEFT_FUNCTION } from './left.js';
import { NETWORK_FUNCTIONS } from './network.js';
import { PROCESS_FUNCTIONS } from './processes.js';

/** Prints what a reset would take away: "trace", its kind, its name. Reads only. */
export function lookScript(payloadDirectory: string | undefined): Command {
  return join([
    functions(payloadDirectory),
    sh`keep=$(echo $(other_namespaces)) etcd=$(etcd_folder)
if was_touched; then traces; our_memory | trace file
elif [ -e /etc/kubernetes/kubelet.conf ] || [ -e /etc/kubernetes/manifests ]; then
  left 'Kubernetes in /etc/kubernetes' "there is no trace of kubewright here: it is somebody else's"
fi
:`,
  ]);
}

/**
 * Takes it all away and tells what is left. In an order in which every part may be cut off: data before the programs
 * that can be asked about it, and last of all what tells the next reset that it was kubewright that was here.
 */
export function resetScript(payloadDirectory: string | undefined): Command {
  return join([
    functions(payloadDirectory),
    sh`etcd=$(etcd_folder)
wake_containerd
keep=$(echo $(other_namespaces))
stop_units
end_processes
remove_links
release_mounts
empty_kubernetes_namespace
remove_network_namespaces
remove_tables
remove_chains
remove_cgroups
remove_packages
for path in $(kubernetes_paths); do clear_path "$path"; done
for file in $(our_binaries; our_configuration; drafts); do rm -f "$file"; done
forget_units
remains=$(traces | cut -f 2,3)
if [ "$remains" ]; then
  printf 'could not be removed:\n%s\n' "$remains" >&2
  exit 1
fi
for folder in $(our_memory); do rm -rf --one-file-system "$folder"; done
remove_empty_folders
tell_what_is_left
:`,
  ]);
}

function functions(payloadDirectory: string | undefined): Command {
  return join([
    fileFunctions(payloadDirectory),
    CONTAINERD_FUNCTIONS,
    PROCESS_FUNCTIONS,
    NETWORK_FUNCTIONS,
    LEFT_FUNCTION,
    PACKAGE_FUNCTIONS,
    TRACES,
  ]);
}

const TRACES = sh`
trace() { while IFS= read -r name; do printf 'trace\t%s\t%s\n' "$1" "$name"; done; }
traces() {
  running_units | trace unit
  processes | trace process
  pod_cgroups | trace cgroup
  pod_mounts | trace mount
  kubernetes_namespace | trace namespace
  links | trace link
  network_namespaces | trace netns
  tables | trace table
  chains | trace chain
  noted_packages | trace package
  kubernetes_paths | trace file
  { our_binaries; our_configuration; drafts; } | trace file
}`;
