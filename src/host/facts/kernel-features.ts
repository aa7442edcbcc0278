import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

/** Parts of the kernel that Kubernetes and flannel need. */
export const KERNEL_FEATURES = ['br_netfilter', 'overlay', 'vxlan', 'nf_tables', 'nf_conntrack'] as const;

export type KernelFeature = (typeof KERNEL_FEATURES)[number];

/**
 * `present`: in use or built in. `loadable`: a module lies ready. `missing`: neither. `unknown`: nothing tells, as in
 * a container on a kernel whose modules are not visible; only trying it out would.
 */
export type KernelFeatureState = 'present' | 'loadable' | 'missing' | 'unknown';

export const kernelFeatures = defineProbe<Readonly<Record<KernelFeature, KernelFeatureState>>>({
  name: 'kernel features',
  script: sh`modprobe=$(command -v modprobe) && [ -d "/lib/modules/$(uname -r)" ] || modprobe=
config=
state() {
  # Loaded modules and built-in ones with parameters have a folder there; others show by what they add to the system.
  [ ! -d "/sys/module/$1" ] || { echo "$1 present"; return; }
  case $1 in
    br_netfilter) [ ! -d /proc/sys/net/bridge ] || { echo "$1 present"; return; } ;;
    overlay) ! grep -qw overlay /proc/filesystems || { echo "$1 present"; return; } ;;
  esac
  if [ -n "$modprobe" ]; then
    if "$modprobe" -n -q "$1"; then echo "$1 loadable"; else echo "$1 missing"; fi
    return
  fi
  : "\${config:=$(zcat /proc/config.gz 2> /dev/null | grep -E '^CONFIG_(BRIDGE_NETFILTER|OVERLAY_FS|VXLAN|NF_TABLES|NF_CONNTRACK)=')}"
  echo "$1 unknown"
}
for name in ${[...KERNEL_FEATURES]}; do state "$name"; done
[ -z "$config" ] || echo "$config"`,
  parse(output) {
    const lines = output.split('\n');
    const entries = KERNEL_FEATURES.map((name) => [name, stateOf(name, lines)] as const);
    return Object.fromEntries(entries) as Record<KernelFeature, KernelFeatureState>;
  },
});

const OPTIONS: Readonly<Record<KernelFeature, string>> = {
  br_netfilter: 'CONFIG_BRIDGE_NETFILTER',
  overlay: 'CONFIG_OVERLAY_FS',
  vxlan: 'CONFIG_VXLAN',
  nf_tables: 'CONFIG_NF_TABLES',
  nf_conntrack: 'CONFIG_NF_CONNTRACK',
};

function stateOf(name: KernelFeature, lines: readonly string[]): KernelFeatureState {
  const said = lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  if (said === 'present' || said === 'loadable' || said === 'missing') return said;
  return lines.includes(`${OPTIONS[name]}=y`) ? 'present' : 'unknown';
}
