import { addressCount, type Cidr, nthAddress } from '../../model/cidr.js';

/**
 * The addresses of nodes, by name: a node that has one keeps it, the others get the lowest free ones in the order
 * of `nodes`. Undefined when there are too few.
 */
export function assignAddresses(
  nodes: readonly string[],
  options: { readonly subnet: Cidr; readonly known: ReadonlyMap<string, string>; readonly taken: readonly string[] },
): ReadonlyMap<string, string> | undefined {
  const { subnet, known } = options;
  const used = new Set([...known.values(), ...options.taken]);
  const free = freeAddresses(subnet, used);
  const assigned = new Map<string, string>();
  for (const node of nodes) {
    const address = known.get(node) ?? free.next().value;
    if (address === undefined) return undefined;
    assigned.set(node, address);
  }
  return assigned;
}

/** Nodes begin at 10 where there is room, which leaves low numbers to gateways; below that last, so that none is wasted. */
function* freeAddresses(subnet: Cidr, used: ReadonlySet<string>): Generator<string, undefined> {
  const last = addressCount(subnet) - 2;
  const start = last > 32 ? 10 : 2;
  for (let n = start; n <= last; n += 1) yield* unused(nthAddress(subnet, n), used);
  for (let n = 2; n < start; n += 1) yield* unused(nthAddress(subnet, n), used);
  return undefined;
}

function* unused(address: string, used: ReadonlySet<string>): Generator<string> {
  if (!used.has(address)) yield address;
}
