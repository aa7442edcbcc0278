import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { parseCidr } from '../../model/cidr.js';
import type { Claim } from './subnet.js';

/** The IPv4 networks that this machine is on, and those it has routes to. */
export async function hostNetworks(): Promise<readonly Claim[]> {
  // Where there is no such file (macOS) the interfaces must do.
  const routes = await readFile('/proc/net/route', 'utf8').catch(() => '');
  return [...interfaceClaims(), ...routeClaims(routes)];
}

function interfaceClaims(): readonly Claim[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.flatMap(({ cidr, family }) => {
      const parsed = family === 'IPv4' && cidr !== null ? parseCidr(cidr) : undefined;
      return parsed === undefined ? [] : [{ cidr: parsed, by: `interface ${name} of this machine` }];
    }),
  );
}

/** Reads /proc/net/route (proc(5)): addresses are hexadecimal in the machine's byte order, little-endian on all we run on. */
export function routeClaims(text: string): readonly Claim[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [name = '', destination = '', , , , , , mask = ''] = line.split(/\s+/);
      if (!/^[0-9A-F]{8}$/.test(destination) || !/^[0-9A-F]{8}$/.test(mask)) return [];
      const prefix = octets(mask).reduce((bits, octet) => bits + octet.toString(2).replaceAll('0', '').length, 0);
      const cidr = parseCidr(`${octets(destination).join('.')}/${prefix}`);
      // The default route, also in the two halves that VPNs make of it, claims nothing.
      if (cidr === undefined || prefix <= 1) return [];
      return [{ cidr, by: `a route of this machine through ${name}`, wide: true }];
    });
}

function octets(littleEndian: string): readonly number[] {
  return (littleEndian.match(/../g) ?? []).reverse().map((pair) => Number.parseInt(pair, 16));
}
