import { sh } from '../../../transport/command.js';

/** Shell functions for what Kubernetes leaves in a host's network: interfaces, namespaces, nftables tables, chains. */
export const NETWORK_FUNCTIONS = sh`
# One end of a pod's interface each: the ports of the bridge, and where that is gone already, what leads into a pod.
links() {
  ip -o link show type veth 2>/dev/null | sed -n '/ link-netns cni-/s/^[0-9]*: \([^@:]*\).*/\1/p' | while read -r link; do
    [ -e "/sys/class/net/cni0/brif/$link" ] || echo "$link"
  done
  for link in /sys/class/net/cni0/brif/*; do [ -e "$link" ] && echo "\${link##*/}"; done
  for link in cni0 flannel.1 flannel-v6.1 kube-ipvs0 nodelocaldns; do [ -e "/sys/class/net/$link" ] && echo "$link"; done
}
remove_links() { for link in $(links); do ip link delete "$link" 2>/dev/null; done; }

network_namespaces() { ls /run/netns 2>/dev/null | grep '^cni-'; }
remove_network_namespaces() {
  for name in $(network_namespaces); do umount -l "/run/netns/$name" 2>/dev/null; rm -f "/run/netns/$name"; done
}

# What CNI plugins made beside our network may serve the networks of others.
foreign_networks() { ls -A /etc/cni/net.d 2>/dev/null | grep -vx 10-flannel.conflist; }

tables() {
  nft list tables 2>/dev/null | while read -r _ family name; do
    case "$family $name" in
      'ip kube-proxy' | 'ip6 kube-proxy' | 'ip flannel-ipv4' | 'ip6 flannel-ipv6') echo "$family $name" ;;
      'inet cni_hostport') [ "$(foreign_networks)" ] || echo "$family $name" ;;
    esac
  done
}
remove_tables() { tables | while read -r family name; do nft delete table "$family" "$name" 2>/dev/null; done; }

# The kubelet makes some wherever there is iptables: "iptables filter KUBE-FIREWALL".
chains() {
  for program in iptables ip6tables; do
    command -v "$program-save" >/dev/null || continue
    "$program-save" 2>/dev/null | awk -v program="$program" -v others="$(foreign_networks)" '
      /^\*/ { table = substr($1, 2) }
      /^:(KUBE|FLANNEL)-/ || others == "" && /^:CNI-/ { print program, table, substr($1, 2) }'
  done
}
# The rules that lead to them from the last one up, since their numbers shift.
remove_chains() {
  found=$(chains)
  printf '%s\n' "$found" | awk 'NF { print $1, $2 }' | sort -u | while read -r program table; do
    ours=$(printf '%s\n' "$found" | awk -v of="$program $table" '$1 " " $2 == of { print $3 }')
    "$program" -w 5 -t "$table" -S | awk -v ours=" $(echo $ours) " '
      $1 != "-A" { next }
      { number[$2]++ }
      index(ours, " " $2 " ") { next }
      { for (at = 3; at < NF; at++) if (($at == "-j" || $at == "-g") && index(ours, " " $(at + 1) " ")) print number[$2], $2 }' |
      sort -rn | while read -r number chain; do "$program" -w 5 -t "$table" -D "$chain" "$number"; done
    for chain in $ours; do "$program" -w 5 -t "$table" -F "$chain"; done
    for chain in $ours; do "$program" -w 5 -t "$table" -X "$chain"; done
    remove_empty_table "$([ "$program" = iptables ] && echo ip || echo ip6)" "$table"
  done 2>/dev/null
}
# Chains that let everything pass, without a rule: iptables makes the like again when it is called.
remove_empty_table() {
  nft list table "$1" "$2" | grep -qv -e '^table ' -e '^[[:space:]]*chain .* {$' -e ' policy accept;$' -e '^[[:space:]]*}*$' ||
    nft delete table "$1" "$2"
}`;
