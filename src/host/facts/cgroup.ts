import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

export interface Cgroup {
  /** 2 where /sys/fs/cgroup is a cgroup2 tree; 1 otherwise, hybrid included: what counts is who has the controllers. */
  readonly version: 1 | 2;
  /** Controllers that can be used: "cpu", "memory", "pids"… */
  readonly controllers: readonly string[];
}

export const cgroup = defineProbe<Cgroup>({
  name: 'cgroups',
  script: sh`awk '$3 ~ /^cgroup/ { print $2, $3, $4 }' /proc/mounts
[ ! -r /sys/fs/cgroup/cgroup.controllers ] || { read -r line < /sys/fs/cgroup/cgroup.controllers; echo "controllers $line"; }`,
  parse(output) {
    const lines = output.split('\n').map((line) => line.split(' '));
    const mounts = lines.filter(([path = '']) => path.startsWith('/'));
    if (mounts.some(([path, type]) => path === '/sys/fs/cgroup' && type === 'cgroup2')) {
      const [, ...controllers] = lines.find(([first]) => first === 'controllers') ?? [];
      return { version: 2, controllers: controllers.filter((name) => name !== '') };
    }
    const options = mounts.filter(([, type]) => type === 'cgroup').flatMap(([, , list = '']) => list.split(','));
    return { version: 1, controllers: CONTROLLERS.filter((name) => options.includes(name)) };
  },
});

/** Controllers of version 1 among the options of its mounts (cgroups(7)). */
const CONTROLLERS = [
  'cpu',
  'cpuacct',
  'cpuset',
  'memory',
  'devices',
  'freezer',
  'net_cls',
  'blkio',
  'perf_event',
  'net_prio',
  'hugetlb',
  'pids',
  'rdma',
];
