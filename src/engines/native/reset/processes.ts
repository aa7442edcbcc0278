import { sh } from '../../../transport/command.js';
import { UNITS } from '../units.js';

/** Shell functions for what runs on a host: our units, the processes of pods, their cgroups and their mounts. */
export const PROCESS_FUNCTIONS = sh`
# A unit of that name that the machine itself has, from a package, is not ours.
our_units() {
  for unit in ${[UNITS.kubelet, UNITS.balancer, UNITS.virtualIp]} $([ "$keep" ] || echo ${UNITS.containerd}); do
    file=/etc/systemd/system/$unit
    [ "$(systemctl show --property=FragmentPath --value "$unit" 2>/dev/null)" = "$file" ] || continue
    [ -e "$file" ] && ! is_written_by_us "$file" || echo "$unit"
  done
}
running_units() {
  for unit in $(our_units); do
    case $(systemctl show --property=ActiveState --value "$unit") in inactive | failed) ;; *) echo "$unit" ;; esac
  done
}
stop_units() {
  for unit in $(our_units); do
    systemctl disable -q "$unit" 2>/dev/null
    timeout 60 systemctl stop "$unit" 2>/dev/null || systemctl kill --signal=KILL "$unit" 2>/dev/null
  done
}
# Their files may have been removed by hand.
forget_units() {
  for unit in ${Object.values(UNITS)}; do
    link=/etc/systemd/system/multi-user.target.wants/$unit
    [ -h "$link" ] && [ ! -e "$link" ] && rm -f "$link"
  done
  systemctl daemon-reload
  systemctl reset-failed ${Object.values(UNITS)} 2>/dev/null
}

# A host that is itself a pod of somebody's may see that pod's cgroup, with its own first process in it: none of ours.
find_pod_cgroups() {
  for folder in /sys/fs/cgroup/kubepods /sys/fs/cgroup/kubepods.slice /sys/fs/cgroup/*/kubepods /sys/fs/cgroup/*/kubepods.slice; do
    [ -d "$folder" ] || continue
    [ "$(find "$folder" -name cgroup.procs -exec grep -lx 1 {} + 2>/dev/null)" ] || echo "$folder"
  done
}
known_cgroups=$(find_pod_cgroups)
pod_cgroups() { for folder in $known_cgroups; do [ -d "$folder" ] && echo "$folder"; done; }
pod_processes() {
  folders=$(pod_cgroups)
  [ -z "$folders" ] || find $folders -name cgroup.procs -exec cat {} + 2>/dev/null | grep -vx 0 | sort -un
}
# The parents of containers. Those of k3s and of others have a containerd of their own.
shims() {
  for file in $(grep -lsa 'k8s\.io' /proc/[0-9]*/cmdline); do
    case " $(tr '\0' ' ' 2>/dev/null < "$file")" in
      *' -namespace k8s.io -id '*' -address /run/containerd/containerd.sock '*) file=\${file%/cmdline}; echo "\${file#/proc/}" ;;
    esac
  done
}
processes() { for id in $(pod_processes; shims); do echo "$id $(cat "/proc/$id/comm" 2>/dev/null)"; done; }

until_gone() {
  tries=0
  while [ "$tries" -lt 20 ]; do
    alive=
    for id; do [ -d "/proc/$id" ] && alive=yes; done
    [ "$alive" ] || return 0
    tries=$((tries + 1)); sleep 0.1
  done
}
# With a moment for programs that have something to write to volumes that outlive them.
end_processes() {
  found=$(pod_processes)
  kill -TERM $found 2>/dev/null
  until_gone $found
  found=$(pod_processes; shims)
  kill -KILL $found 2>/dev/null
  until_gone $found
}
remove_cgroups() {
  systemctl stop kubepods.slice 2>/dev/null
  tries=0
  while [ "$(pod_cgroups)" ] && [ "$tries" -lt 20 ]; do
    for folder in $(pod_cgroups); do find "$folder" -depth -type d -exec rmdir {} + 2>/dev/null; done
    tries=$((tries + 1)); [ -z "$(pod_cgroups)" ] || sleep 0.1
  done
}

pod_mounts() {
  awk -v kubelet="$(readlink -f /var/lib/kubelet)/" -v containerd="$(readlink -f /var/lib/containerd)/" -v keep="$keep" '
    function under(folder) { return index($2, folder) == 1 }
    under(kubelet) || under("/run/netns/cni-") || under("/run/flannel/") || under("/run/kubewright/") ||
    under("/run/containerd/io.containerd.grpc.v1.cri/") || under("/run/containerd/io.containerd.runtime.v2.task/k8s.io/") ||
    keep == "" && (under("/run/containerd/") || under(containerd)) { print $2 }' /proc/mounts
}
# The innermost first; again, since one place can be mounted on several times. Spaces are written as \040 there.
release_mounts() {
  tries=0
  while [ "$(pod_mounts)" ] && [ "$tries" -lt 5 ]; do
    pod_mounts | sort -r | while IFS= read -r place; do
      place=$(printf '%b' "$(printf %s "$place" | sed 's/\\\([0-7][0-7][0-7]\)/\\0\1/g')")
      umount "$place" 2>/dev/null || umount -l "$place"
    done
    tries=$((tries + 1))
  done
}`;
