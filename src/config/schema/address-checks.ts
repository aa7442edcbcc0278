import { type Cidr, contains, formatCidr, isIpv6, overlaps, parseCidr, parseIpv4 } from '../../model/cidr.js';
import { hostProblem } from '../../model/names.js';
import type { Check } from './fields.js';

/* What is wrong with the text of a field that is an address or a network: see `Check`. */

/** The network that pods get their addresses from: a /24 of it is handed to each node (kubeadm's ValidatePodSubnetNodeMask allows /8 to /24). */
export const podCidr: Check = (text) => network(text, 8, 24, 'every node gets a /24 of it');

/** The network of Services: kube-apiserver takes nothing larger than a /12, and kubeadm nothing with fewer than 10 addresses. */
export const serviceCidr: Check = (text) =>
  network(text, 12, 28, 'kube-apiserver takes nothing larger, kubeadm nothing smaller');

export const localSubnet: Check = (text) => network(text, 8, 29, 'the machines and a gateway live in it');

/** Where a machine is reached: an IPv4 address or a DNS name. */
export const machineAddress: Check = (text) =>
  parseIpv4(text) === undefined ? hostProblem(text) : addressProblem(text);

/** The address of a machine as other machines use it. */
export const internalAddress: Check = (text) =>
  addressProblem(text) ?? loopbackProblem(text, 'which no other machine can reach');

/** A resolver that pods can reach. */
export const resolver: Check = (text) =>
  addressProblem(text) ?? loopbackProblem(text, 'which for cluster DNS is itself: it would ask itself for ever');

function network(text: string, largest: number, smallest: number, because: string): ReturnType<Check> {
  const cidr = parseCidr(text);
  if (cidr === undefined) return notIpv4(text) ?? 'is no network: expected one like 10.244.0.0/16';
  if (formatCidr(cidr) !== text) {
    return { problem: 'has bits set after its prefix', hint: `The network is ${formatCidr(cidr)}.` };
  }
  if (cidr.prefix < largest || cidr.prefix > smallest) {
    return `is a /${cidr.prefix}: expected /${largest} to /${smallest}, since ${because}`;
  }
  const special = [...UNUSABLE, ...UNROUTED].find((one) => overlaps(one.network, cidr));
  return special === undefined ? undefined : `touches ${formatCidr(special.network)}, which is ${special.use}`;
}

function addressProblem(text: string): string | undefined {
  const address = parseIpv4(text);
  if (address === undefined) return notIpv4(text) ?? 'is no IPv4 address: expected one like 10.0.1.11';
  const special = UNUSABLE.find((one) => contains(one.network, address));
  return special === undefined ? undefined : `lies in ${formatCidr(special.network)}, which is ${special.use}`;
}

function loopbackProblem(text: string, consequence: string): string | undefined {
  return text.startsWith('127.') ? `is a loopback address, ${consequence}` : undefined;
}

function notIpv4(text: string): string | undefined {
  if (text.includes(','))
    return 'is more than one: this version of kubewright has no dual stack, expected one for IPv4';
  return isIpv6(text.split('/')[0] ?? '') ? 'is IPv6: this version of kubewright is IPv4 only' : undefined;
}

/** Networks that no machine can have an address in (IANA's special-purpose registry, RFC 6890). */
const UNUSABLE = [
  special('0.0.0.0/8', 'reserved for "this network"'),
  special('224.0.0.0/4', 'multicast'),
  special('240.0.0.0/4', 'reserved'),
];

/** Networks whose addresses mean something else on every machine. */
const UNROUTED = [special('127.0.0.0/8', 'loopback'), special('169.254.0.0/16', 'link-local')];

function special(text: string, use: string): { readonly network: Cidr; readonly use: string } {
  const network = parseCidr(text);
  if (network === undefined) throw new TypeError(`${text} is no network`);
  return { network, use };
}
