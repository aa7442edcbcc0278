import { KubewrightError } from '../../core/errors.js';
import {
  addressCount,
  type Cidr,
  contains,
  firstFreeSubnet,
  formatCidr,
  overlaps,
  parseCidr,
  split,
} from '../../model/cidr.js';

/** A network that somebody uses already. */
export interface Claim {
  readonly cidr: Cidr;
  /** "docker's network minikube", "interface eth0", "a route of this machine". */
  readonly by: string;
  /** A route may be so wide (a VPN's 10.0.0.0/8) that a network within it can still be meant. */
  readonly wide?: boolean | undefined;
}

/** A subnet for this many nodes that nothing on this machine uses. Errors: `subnet-taken` when there is none. */
export function chooseSubnet(claims: readonly Claim[], nodes: number): Cidr {
  const taken = claims.map(({ cidr }) => cidr);
  const found = firstFreeSubnet(candidates(nodes), taken);
  if (found !== undefined) return found;
  throw new KubewrightError('subnet-taken', `No private subnet is free for ${nodes} nodes`, {
    hint: 'Name one in provider.local.subnet that nothing else here uses.',
    output: claims.map(({ cidr, by }) => `${formatCidr(cidr)}: ${by}`).slice(-10),
  });
}

/** The subnet that cluster.yaml names. Errors: `subnet-taken`, naming who has it. */
export function wantedSubnet(text: string, claims: readonly Claim[]): Cidr {
  const wanted = parseCidr(text);
  if (wanted === undefined) throw new KubewrightError('internal', `${text} is not a subnet`);
  const other = claims.find(
    ({ cidr, wide }) =>
      overlaps(cidr, wanted) && !(wide === true && cidr.prefix < wanted.prefix && contains(cidr, wanted)),
  );
  if (other === undefined) return wanted;
  throw new KubewrightError('subnet-taken', `The subnet ${text} overlaps with ${formatCidr(other.cidr)}: ${other.by}`, {
    hint: 'Choose another in provider.local.subnet, or leave it out: a free one is chosen.',
  });
}

/** Where other tools seldom are comes first; docker itself takes from 172.17.0.0/16 upwards and 192.168.0.0/16. */
const RANGES = [
  '172.30.0.0/16',
  '172.29.0.0/16',
  '10.210.0.0/15',
  '192.168.224.0/19',
  '100.80.0.0/16',
  '198.18.0.0/15',
] as const;

function* candidates(nodes: number): Generator<Cidr> {
  const prefix = nodes <= 200 ? 24 : 32 - Math.ceil(Math.log2(nodes * 1.25 + 16));
  for (const range of RANGES) {
    const cidr = parseCidr(range);
    if (cidr !== undefined) yield* split(cidr, prefix);
  }
}

/** Is there a place for this many nodes? Errors: `subnet-too-small`. */
export function needRoomFor(nodes: number, subnet: Cidr): void {
  const places = addressCount(subnet) - RESERVED;
  if (places >= nodes) return;
  throw new KubewrightError(
    'subnet-too-small',
    `The subnet ${formatCidr(subnet)} has ${Math.max(places, 0)} addresses for nodes, and the cluster has ${nodes}`,
  );
}

/** The network's own, the gateway's, and the broadcast address. */
const RESERVED = 3;
