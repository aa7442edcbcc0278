import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

export interface Network {
  /** Addresses of global scope, those of the default route's interface first. */
  readonly addresses: readonly InterfaceAddress[];
  /** Where packets for everywhere else go (IPv4, else IPv6); absent on a network without a way out. */
  readonly defaultRoute: { readonly interface: string; readonly gateway: string | undefined } | undefined;
}

export interface InterfaceAddress {
  readonly interface: string;
  readonly address: string;
  /** Length of the network's prefix. */
  readonly prefix: number;
  readonly family: 4 | 6;
}

export const network = defineProbe<Network>({
  name: 'network',
  script: sh`ip -o addr show scope global && ip route show default && { ip -6 route show default 2> /dev/null || :; }`,
  parse(output) {
    const lines = output.split('\n');
    const route = lines.map((line) => /^default (?:via (\S+) )?dev (\S+)/.exec(line)).find((match) => match !== null);
    const defaultRoute = route ? { interface: route[2] ?? '', gateway: route[1] } : undefined;
    const addresses = lines.flatMap(address);
    const first = (found: InterfaceAddress) => (found.interface === defaultRoute?.interface ? 0 : 1);
    return { addresses: addresses.sort((a, b) => first(a) - first(b)), defaultRoute };
  },
});

/** "2: eth0    inet 10.0.1.5/24 brd 10.0.1.255 scope global eth0\       valid_lft forever…" */
function address(line: string): InterfaceAddress[] {
  const match = /^\d+: (\S+)\s+inet(6?) ([0-9a-f.:]+)(?: peer \S+?)?\/(\d+)\s/.exec(line);
  if (match === null) return [];
  const [, device = '', six, text = '', prefix] = match;
  return [{ interface: device, address: text, prefix: Number(prefix), family: six === '6' ? 6 : 4 }];
}
