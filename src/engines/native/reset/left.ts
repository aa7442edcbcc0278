import { type Command, sh } from '../../../transport/command.js';
import { NODE_BINARIES, NODE_CONFIGURATION, RUNTIME_BINARIES, RUNTIME_CONFIGURATION } from './files.js';

/**
 * A shell function that tells what a reset leaves on a host, and why: what is not Kubernetes', what nobody knows the state
 * of before, and what goes by itself. One line each: "left", what, why, with tabs between.
 */
export const LEFT_FUNCTION: Command = sh`
left() { printf 'left\t%s\t%s\n' "$1" "$2"; }
settings_that_stay() {
  for setting in net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1 \
    vm.overcommit_memory=1 kernel.panic=10 kernel.panic_on_oops=1; do
    [ "$(cat "/proc/sys/$(printf %s "\${setting%=*}" | tr . /)" 2>/dev/null)" = "\${setting#*=}" ] && echo "$setting"
  done
}
modules_that_stay() { for module in br_netfilter overlay vxlan; do grep -qs "^$module " /proc/modules && echo "$module"; done; }
listed() { paste -s -d , - | sed 's/,/, /g'; }

tell_what_is_left() {
  if [ "$keep" ]; then
    case $keep in
      */*) why="another containerd ($keep) may have containers there, and does not say" ;;
      *) why="it has containers or images of others, in the namespace $keep" ;;
    esac
    left 'containerd with /var/lib/containerd, runc and the CNI plugins' "$why"
    left /var/lib/kubewright "tells the next reset that these are kubewright's"
  fi
  for file in ${NODE_BINARIES} ${NODE_CONFIGURATION} $([ "$keep" ] || echo ${[...RUNTIME_BINARIES, ...RUNTIME_CONFIGURATION]}); do
    [ -e "$file" ] && left "$file" 'not what kubewright put there'
  done
  foreign_networks | while IFS= read -r name; do left "/etc/cni/net.d/$name" 'a CNI configuration of somebody else'; done
  [ "$(foreign_networks)" ] && [ "$(nft list tables 2>/dev/null | grep -x 'table inet cni_hostport'; iptables-save 2>/dev/null | grep '^:CNI-')" ] &&
    left 'chains of CNI plugins in the packet filter' 'those other CNI configurations may be using them'
  command -v nft >/dev/null || left 'nftables tables of kube-proxy and flannel, if any' 'there is no nft here to remove them with; they are gone after the next boot'
  [ "$keep" ] || for folder in /opt/cni/bin /etc/containerd /var/lib/cni; do
    [ -e "$folder" ] && left "$folder" 'has files that kubewright did not put there'
  done
  [ -e /opt/kubewright ] && left /opt/kubewright "$([ "$payload" = /nowhere ] && echo 'has files that kubewright did not put there' || echo 'the machine is made of it, not Kubernetes: its first program, and the artifacts that are mounted into it')"
  [ "$etcd" ] || if holds_something /var/lib/etcd; then left /var/lib/etcd 'holds data, and kubewright made no control plane here'; fi
  for place in /var/lib/kubelet /var/lib/etcd /var/lib/containerd; do
    is_place "$place" && ! holds_something "$place" && left "$place" 'a mount point or a link of the machine; it is empty'
  done
  unit=$(systemctl show --property=FragmentPath --value containerd 2>/dev/null)
  [ "$keep" ] || [ -z "$unit" ] || left "$unit" 'the containerd of the machine itself; it is not running: systemctl start containerd'
  settings=$(settings_that_stay | listed)
  [ "$settings" ] && left "kernel settings $settings" 'they stay until the next boot; what they were before is not known'
  modules=$(modules_that_stay | listed)
  [ "$modules" ] && left "kernel modules $modules" 'they stay loaded until the next boot, and others may be using them'
  [ "$(cat /proc/sys/net/netfilter/nf_conntrack_count 2>/dev/null || echo 0)" -gt 0 ] && left 'the table of tracked connections' 'its entries expire by themselves'
  [ "$(journalctl -q -n 1 -o cat -u kubelet -u containerd 2>/dev/null)" ] && left 'entries in the journal' "the journal is the machine's"
  left 'packages of the system' 'kubewright installed none of them'
}`;
