import type { Change } from '../../../core/step.js';

/** Something that a reset leaves on a host. */
export interface Left {
  readonly what: string;
  readonly why: string;
}

/** What a script of the reset told. */
export interface ResetReport {
  /** What is there to be taken away, things of pods as one each. */
  readonly traces: readonly Change[];
  readonly left: readonly Left[];
}

/** Reads the lines of a script of the reset; others are passed over. */
export function parseReport(output: string): ResetReport {
  const traces = new Set<string>();
  const left: Left[] = [];
  for (const line of output.split('\n')) {
    const [sort, first = '', second = ''] = line.split('\t');
    if (sort === 'trace') traces.add(nameOf(first, second));
    else if (sort === 'left') left.push({ what: first, why: second });
  }
  return { traces: [...traces].map((what) => ({ action: 'delete', what, disruptive: true })), left };
}

function nameOf(kind: string, name: string): string {
  switch (kind) {
    case 'file':
      return name.startsWith('/var/lib/cni/') ? 'addresses of pods in /var/lib/cni' : name;
    case 'unit':
      return `running ${name}`;
    case 'process':
      return 'processes of pods';
    case 'cgroup':
      return 'cgroups of pods';
    case 'mount':
      return 'mounts of pods';
    case 'netns':
      return 'network namespaces of pods';
    case 'namespace':
      return `containerd's namespace ${name}`;
    case 'link':
      return name.startsWith('veth') ? 'network interfaces of pods' : `network interface ${name}`;
    case 'table':
      return `nftables table ${name}`;
    case 'chain':
      return `chains of Kubernetes in ${name.split(' ').slice(0, 2).join(' ')}`;
    default:
      return `${kind} ${name}`;
  }
}
