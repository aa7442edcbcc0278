import { contains, formatIpv4, parseCidr, parseIpv4 } from '../../model/cidr.js';
import { MAX_NODE_NAME } from '../../model/names.js';
import { type Machine, numbersOf, type PlacedNode } from '../nodes.js';
import { formatPath, type Path, type Problem } from '../problem.js';
import type { Rule } from './rule.js';

export const shortNodeNames: Rule = {
  about: `Node names made from a pool's name have at most ${MAX_NODE_NAME} characters.`,
  check: (config) =>
    Object.entries(config.nodes ?? {}).flatMap(([pool, numbered]) => {
      const longest = `${pool}-${numbersOf(numbered).at(-1) ?? 0}`;
      if (longest.length <= MAX_NODE_NAME) return [];
      const message = `nodes: the node name "${longest}" has ${longest.length} characters: at most ${MAX_NODE_NAME} are allowed`;
      return [{ severity: 'error', path: ['nodes', pool], at: 'key', message, hint: 'Give the pool a shorter name.' }];
    }),
};

export const uniqueNames: Rule = {
  about: 'No two machines have the same name, also in different pools.',
  check: (_, nodes) => repeated(nodes, 'name', ({ name }) => name),
};

export const uniqueAddresses: Rule = {
  about: 'No two machines are reached at the same address and port, or have the same address for the other nodes.',
  check: (_, nodes) => {
    const reached = repeated(nodes, 'address', (host) => `${host.address.toLowerCase()} port ${host.port}`);
    const inside = repeated(nodes, 'internalAddress', ({ address, internalAddress = address }) =>
      parseIpv4(internalAddress) === undefined || internalAddress.startsWith('127.') ? undefined : internalAddress,
    );
    return [...reached, ...inside.filter(({ path }) => !reached.some((other) => isSameHost(path, other.path)))];
  },
};

export const reachableAddresses: Rule = {
  about: 'A machine reached at a loopback address has an `internalAddress`.',
  check: (_, nodes) =>
    nodes.flatMap(({ host, path }): readonly Problem[] => {
      if (host === undefined || host.internalAddress !== undefined || !host.address.startsWith('127.')) return [];
      if (parseIpv4(host.address) === undefined) return [];
      const at = [...path, 'address'];
      const message = `${formatPath(at)}: the other nodes cannot reach ${host.address}, a loopback address`;
      return [
        { severity: 'error', path: at, at: 'value', message, hint: 'Add the address that they use: internalAddress.' },
      ];
    }),
};

export const machinesOutsideOfNetworks: Rule = {
  about: "No machine's address lies in `network.podCidr` or `network.serviceCidr`.",
  check: ({ network }, nodes) => {
    const networks = (['podCidr', 'serviceCidr'] as const).map((name) => ({ name, cidr: parseCidr(network[name]) }));
    return addressesOf(nodes).flatMap(({ address, path }) =>
      networks.flatMap(({ name, cidr }): readonly Problem[] => {
        if (cidr === undefined || !contains(cidr, address)) return [];
        const message = `${formatPath(path)}: ${formatIpv4(address)} lies in network.${name}, ${network[name]}`;
        const hint = `Choose another network.${name}: one that no machine is in.`;
        return [{ severity: 'error', path, at: 'value', message, hint, because: [path, ['network', name]] }];
      }),
    );
  },
};

/** Every IPv4 address that the config names for a machine. */
export function addressesOf(
  nodes: readonly PlacedNode[],
): readonly { readonly address: number; readonly path: Path }[] {
  return nodes.flatMap(({ host, path }) =>
    (['address', 'internalAddress'] as const).flatMap((field) => {
      const text = host?.[field];
      const address = text === undefined ? undefined : parseIpv4(text);
      return address === undefined ? [] : [{ address, path: [...path, field] }];
    }),
  );
}

/** Machines of which an earlier one has the same identity already. */
function repeated(
  nodes: readonly PlacedNode[],
  field: 'name' | 'address' | 'internalAddress',
  identity: (host: Machine) => string | undefined,
): readonly Problem[] {
  const first = new Map<string, Path>();
  return nodes.flatMap(({ host, path }): readonly Problem[] => {
    const value = host === undefined ? undefined : identity(host);
    if (host === undefined || value === undefined) return [];
    const known = first.get(value);
    first.set(value, known ?? path);
    if (known === undefined) return [];
    const at = [...path, host[field] === undefined ? 'address' : field];
    const message = `${formatPath(at)}: ${formatPath(known)} has ${value} already`;
    return [{ severity: 'error', path: at, at: 'value', message, because: [at, [...known, field], ['provider']] }];
  });
}

function isSameHost(a: Path, b: Path): boolean {
  return a.slice(0, 4).join('\0') === b.slice(0, 4).join('\0');
}
