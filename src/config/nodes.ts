import type { NodeSpec, Role, Taint } from '../model/cluster.js';
import { CONTROL_PLANE_TAINT } from '../model/labels.js';
import type { Path } from './problem.js';
import { type Config, DEFAULT_POOLS, defaultRoles, type HostConfig, type PoolConfig } from './schema/v1alpha1.js';

/** A node and where in the config it comes from. */
export interface PlacedNode {
  readonly node: Omit<NodeSpec, 'host'>;
  /** The entry of `hosts`, or the `count`. */
  readonly path: Path;
  /** The machine of the provider `hosts`, what it does not say taken from there. */
  readonly host?: Machine | undefined;
}

export type Machine = HostConfig & HostDefaults;

type HostDefaults = NonNullable<Config['provider']['hosts']>;

/** All nodes, in the order of the pools; those of the provider `local` are called POOL-1, POOL-2 and so on, `except` left out. */
export function placedNodes(config: Config): readonly PlacedNode[] {
  const defaults = config.provider.hosts;
  return poolsOf(config).flatMap(([name, pool]): readonly PlacedNode[] => {
    const common = { pool: name, roles: rolesOf(name, pool), labels: pool.labels, taints: taintsOf(name, pool) };
    if (defaults !== undefined) {
      return (pool.hosts ?? []).map((host, index) => ({
        node: { ...common, name: host.name },
        path: ['nodes', name, 'hosts', index],
        host: machineOf(host, defaults),
      }));
    }
    return numbersOf(pool).map((number) => ({
      node: { ...common, name: `${name}-${number}` },
      path: ['nodes', name, 'count'],
    }));
  });
}

/** The numbers of the machines of a pool that has a `count`: the lowest that `except` leaves. */
export function numbersOf({ count = 0, except = [] }: Pick<PoolConfig, 'count' | 'except'>): readonly number[] {
  const left = new Set(except);
  const candidates = Array.from({ length: count + left.size }, (_, index) => index + 1);
  return candidates.filter((number) => !left.has(number)).slice(0, count);
}

/** The pools by name; those of the provider `local` have a default. */
export function poolsOf(config: Config): readonly (readonly [name: string, pool: PoolConfig])[] {
  if (config.nodes !== undefined) return Object.entries(config.nodes);
  if (config.provider.hosts !== undefined) return [];
  return Object.entries(DEFAULT_POOLS).map(([name, pool]) => [name, { ...pool, labels: {} }]);
}

/** The paths that the nodes of a role and their number follow from. */
export function pathsOfRole(config: Config, role: Role): readonly Path[] {
  const fields = poolsOf(config).flatMap(([name, pool]) =>
    (rolesOf(name, pool).includes(role) ? ['roles', 'count', 'hosts'] : ['roles']).map((field) => [
      'nodes',
      name,
      field,
    ]),
  );
  return [['provider'], ...fields];
}

function machineOf(host: HostConfig, defaults: HostDefaults): Machine {
  return {
    ...host,
    user: host.user ?? defaults.user,
    port: host.port ?? defaults.port,
    identityFile: host.identityFile ?? defaults.identityFile,
    sudoPassword: host.sudoPassword ?? defaults.sudoPassword,
    hostKey: host.hostKey ?? defaults.hostKey,
  };
}

/** What the machines of a pool do. */
export function rolesOf(name: string, pool: PoolConfig): readonly Role[] {
  return pool.roles ?? defaultRoles(name);
}

function taintsOf(name: string, pool: PoolConfig): readonly Taint[] {
  const roles = rolesOf(name, pool);
  const isControlPlaneOnly = roles.includes('control-plane') && !roles.includes('worker');
  return pool.taints ?? (isControlPlaneOnly ? [CONTROL_PLANE_TAINT] : []);
}
