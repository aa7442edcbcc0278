import { pathsOfRole, rolesOf } from '../nodes.js';
import type { Problem } from '../problem.js';
import type { Config, PoolConfig } from '../schema/v1alpha1.js';
import { countPath, withRole } from './members.js';
import type { Rule } from './rule.js';

export const etcdStandsAlone: Rule = {
  about: 'The role `etcd` stands alone.',
  check: (config) =>
    etcdPools(config).flatMap(([name, pool]): readonly Problem[] => {
      if (rolesOf(name, pool).length === 1) return [];
      const path = ['nodes', name, 'roles'];
      const message = `nodes.${name}.roles: etcd stands alone: such machines are no Kubernetes nodes`;
      const hint = 'Without a pool for etcd it runs on the control planes: roles: [control-plane, worker].';
      return [{ severity: 'error', path, at: 'value', message, hint }];
    }),
};

export const oddEtcd: Rule = {
  about: 'Where there is a pool for etcd, the number of its machines is odd.',
  check: (config, nodes) => {
    const members = withRole(nodes, 'etcd');
    const count = members.length;
    const [first] = etcdPools(config);
    if (count % 2 === 1 || first === undefined) return [];
    const [name, pool] = first;
    const message = `the number of machines for etcd must be odd, got ${count}`;
    const hint =
      count === 0
        ? 'Take 1 or 3, or take the pool out: etcd then runs on the control planes.'
        : `Take ${count - 1} or ${count + 1}: etcd needs a majority, so ${count} bear no more failures than ${count - 1}.`;
    const path = count === 0 ? ['nodes', name, pool.hosts === undefined ? 'count' : 'hosts'] : countPath(members);
    return [{ severity: 'error', path, at: 'value', message, hint, because: pathsOfRole(config, 'etcd') }];
  },
};

export const fewEtcd: Rule = {
  about: 'More than 7 machines for etcd are warned about.',
  check: (config, nodes) => {
    const members = withRole(nodes, 'etcd');
    if (members.length <= 7) return [];
    const message = `${members.length} machines are more than etcd is good with`;
    const hint = 'Take 3 or 5: every write waits for a majority of them.';
    const because = pathsOfRole(config, 'etcd');
    return [{ severity: 'warning', path: countPath(members), at: 'value', message, hint, because }];
  },
};

export const etcdIsNoNode: Rule = {
  about: 'A pool for etcd has no labels and no taints.',
  check: (config) =>
    etcdPools(config).flatMap(([name, pool]) =>
      (['labels', 'taints'] as const).flatMap((field): readonly Problem[] => {
        if (Object.keys(pool[field] ?? {}).length === 0) return [];
        const path = ['nodes', name, field];
        const message = `nodes.${name}: ${field} are for Kubernetes nodes, and machines for etcd are none`;
        const because = [path, ['nodes', name, 'roles']];
        return [{ severity: 'error', path, at: 'key', message, hint: 'Take them out.', because }];
      }),
    ),
};

function etcdPools({ nodes = {} }: Config): readonly (readonly [name: string, pool: PoolConfig])[] {
  return Object.entries(nodes).filter(([name, pool]) => rolesOf(name, pool).includes('etcd'));
}
