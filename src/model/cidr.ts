import ipaddr from 'ipaddr.js';

/** An IPv4 network as numbers: `network` is its first address as an unsigned 32 bit integer. Made by `parseCidr` only. */
export interface Cidr {
  readonly network: number;
  /** 0 to 32. */
  readonly prefix: number;
}

/**
 * Reads "10.244.0.0/16"; undefined for anything else. Only plain dotted decimal counts (no octal, no
 * shortened forms: RFC 6943 §3.1.1). Host bits are cleared: compare with `formatCidr` to find out that some were set.
 */
export function parseCidr(text: string): Cidr | undefined {
  const [address, length, ...rest] = text.split('/');
  if (address === undefined || length === undefined || rest.length > 0) return undefined;
  const first = parseIpv4(address);
  if (first === undefined || !/^(0|[1-9]\d?)$/.test(length) || Number(length) > 32) return undefined;
  return cidrAround(first, Number(length));
}

/** "10.0.0.0/16" */
export function formatCidr(cidr: Cidr): string {
  return `${formatIpv4(cidr.network)}/${cidr.prefix}`;
}

/** Reads "10.0.1.5" as an unsigned 32 bit integer; undefined for anything but plain dotted decimal. */
export function parseIpv4(text: string): number | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  return ipaddr.IPv4.parse(text).octets.reduce((address, octet) => address * 256 + octet, 0);
}

/** "10.0.1.5" for an unsigned 32 bit integer. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** Is this an IPv6 address, without a zone? For messages: the networks here are IPv4. */
export function isIpv6(text: string): boolean {
  return !text.includes('%') && text.includes(':') && ipaddr.IPv6.isValid(text);
}

/** How many addresses a network holds, its first and last included. */
export function addressCount(cidr: Cidr): number {
  return 2 ** (32 - cidr.prefix);
}

/** Does `outer` hold this address, or the whole of this network? */
export function contains(outer: Cidr, inner: Cidr | number): boolean {
  const [network, prefix] = typeof inner === 'number' ? [inner, 32] : [inner.network, inner.prefix];
  return prefix >= outer.prefix && cidrAround(network, outer.prefix).network === outer.network;
}

/** Do two networks share any address? */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return contains(a, b) || contains(b, a);
}

/**
 * The nth address of a network, 0 being the network's own. kubeadm's convention: of the service network
 * 1 is the API server and 10 is cluster DNS. Throws RangeError outside of the network.
 */
export function nthAddress(cidr: Cidr, n: number): string {
  if (!Number.isInteger(n) || n < 0 || n >= addressCount(cidr)) {
    throw new RangeError(`${formatCidr(cidr)} has no address number ${n}`);
  }
  return formatIpv4(cidr.network + n);
}

/** The subnets of this prefix length that a network consists of, in order; none when it is smaller than that. */
export function* split(cidr: Cidr, prefix: number): Generator<Cidr> {
  const step = 2 ** (32 - prefix);
  for (let offset = 0; offset + step <= addressCount(cidr); offset += step) {
    yield { network: cidr.network + offset, prefix };
  }
}

/** The first candidate that shares no address with any of `taken`; undefined when all do. Candidates may be lazy. */
export function firstFreeSubnet(candidates: Iterable<Cidr>, taken: readonly Cidr[]): Cidr | undefined {
  for (const candidate of candidates) {
    if (!taken.some((other) => overlaps(candidate, other))) return candidate;
  }
  return undefined;
}

function cidrAround(address: number, prefix: number): Cidr {
  const size = 2 ** (32 - prefix);
  return { network: Math.floor(address / size) * size, prefix };
}
