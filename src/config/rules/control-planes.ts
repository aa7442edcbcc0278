import { pathsOfRole } from '../nodes.js';
import { countPath, withRole } from './members.js';
import type { Rule } from './rule.js';

export const someControlPlane: Rule = {
  about: 'There is a control plane.',
  check: (config, nodes) => {
    if (config.nodes === undefined || withRole(nodes, 'control-plane').length > 0) return [];
    const message = 'the cluster has no control plane';
    const hint = 'Give the pool control-plane one machine, or a pool the role: roles: [control-plane].';
    return [
      { severity: 'error', path: ['nodes'], at: 'key', message, hint, because: pathsOfRole(config, 'control-plane') },
    ];
  },
};

export const oddControlPlanes: Rule = {
  about: 'The number of control planes is odd, unless etcd has machines of its own.',
  check: (config, nodes) => {
    const members = withRole(nodes, 'control-plane');
    const count = members.length;
    if (count % 2 === 1 || count === 0 || withRole(nodes, 'etcd').length > 0) return [];
    const message = `the number of control planes must be odd, got ${count}`;
    const hint = `Take ${count - 1} or ${count + 1}: etcd needs a majority, so ${count} bear no more failures than ${count - 1}.`;
    return [
      {
        severity: 'error',
        path: countPath(members),
        at: 'value',
        message,
        hint,
        because: pathsOfRole(config, 'control-plane'),
      },
    ];
  },
};

export const fewControlPlanes: Rule = {
  about: 'More than 7 control planes are warned about, unless etcd has machines of its own.',
  check: (config, nodes) => {
    const members = withRole(nodes, 'control-plane');
    const count = members.length;
    if (count <= 7 || withRole(nodes, 'etcd').length > 0) return [];
    const message = `${count} control planes are more than etcd is good with`;
    const hint = 'Take 3 or 5: every write waits for a majority of them.';
    return [
      {
        severity: 'warning',
        path: countPath(members),
        at: 'value',
        message,
        hint,
        because: pathsOfRole(config, 'control-plane'),
      },
    ];
  },
};

export const roomForWorkloads: Rule = {
  about: 'A cluster in which no node takes workloads is warned about.',
  check: (config, nodes) => {
    if (
      nodes.length === 0 ||
      nodes.some(
        ({ node }) => !node.roles.includes('etcd') && node.taints.every(({ effect }) => effect === 'PreferNoSchedule'),
      )
    ) {
      return [];
    }
    const message = 'no node takes ordinary workloads: each has a taint that keeps them away';
    const hint = 'Add a pool of workers, or let the control plane work too: roles: [control-plane, worker].';
    const taints = Object.keys(config.nodes ?? {}).map((name) => ['nodes', name, 'taints']);
    return [
      {
        severity: 'warning',
        path: ['nodes'],
        at: 'key',
        message,
        hint,
        because: [...pathsOfRole(config, 'worker'), ...taints],
      },
    ];
  },
};
