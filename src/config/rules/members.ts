import type { Role } from '../../model/cluster.js';
import type { PlacedNode } from '../nodes.js';
import type { Path } from '../problem.js';

/** The nodes that have a role. */
export function withRole(nodes: readonly PlacedNode[], role: Role): readonly PlacedNode[] {
  return nodes.filter(({ node }) => node.roles.includes(role));
}

/** The field that the number of these nodes stands in; `nodes` when there are several. */
export function countPath(members: readonly PlacedNode[]): Path {
  const [pool, ...others] = new Set(members.map(({ path }) => path.slice(0, 3).join('\0')));
  return pool === undefined || others.length > 0 ? ['nodes'] : pool.split('\0');
}
