import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCidr, overlaps, parseCidr } from '../../../src/model/cidr.js';
import { assignAddresses } from '../../../src/providers/local/addresses.js';
import { routeClaims } from '../../../src/providers/local/host-networks.js';
import { type Claim, chooseSubnet, needRoomFor, wantedSubnet } from '../../../src/providers/local/subnet.js';

const cidr = (text: string) => {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(`${text} is no network`);
  return parsed;
};
const claim = (text: string, by = 'somebody', wide = false): Claim => ({ cidr: cidr(text), by, wide });

describe('a subnet that is chosen', () => {
  test('overlaps with nothing that is taken, whatever is taken', () => {
    const networks = fc
      .tuple(fc.constantFrom('172.30', '172.29', '10.210', '10.211'), fc.nat(255), fc.integer({ min: 16, max: 28 }))
      .map(([start, third, prefix]) => claim(`${start}.${third}.0/${prefix}`));
    fc.assert(
      fc.property(fc.array(networks, { maxLength: 40 }), fc.integer({ min: 1, max: 900 }), (claims, nodes) => {
        const chosen = chooseSubnet(claims, nodes);
        expect(claims.filter((other) => overlaps(other.cidr, chosen))).toEqual([]);
        expect(() => needRoomFor(nodes, chosen)).not.toThrow();
      }),
    );
  });

  test('is the same for the same machine, so that plans do not jump about', () => {
    expect(formatCidr(chooseSubnet([claim('172.30.0.0/24')], 3))).toBe('172.30.1.0/24');
  });

  test('cannot be had where routes cover everything private: the error says what does', () => {
    const everything = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15'];
    const claims = everything.map((text) => claim(text, 'a route through tun0', true));
    expect(() => chooseSubnet(claims, 3)).toThrow(
      expect.objectContaining({
        code: 'subnet-taken',
        output: expect.arrayContaining(['10.0.0.0/8: a route through tun0']),
      }),
    );
  });
});

describe('a subnet that cluster.yaml names', () => {
  test('is refused with the name of who has it', () => {
    const claims = [claim('192.168.0.0/24', 'interface eth0'), claim('10.9.0.0/16', 'the network minikube (docker)')];
    expect(() => wantedSubnet('10.9.4.0/24', claims)).toThrow(
      expect.objectContaining({
        code: 'subnet-taken',
        message: 'The subnet 10.9.4.0/24 overlaps with 10.9.0.0/16: the network minikube (docker)',
      }),
    );
  });

  test('may lie within a wide route, as a VPN makes them', () => {
    const vpn = claim('10.0.0.0/8', 'a route of this machine through tun0', true);
    expect(formatCidr(wantedSubnet('10.9.4.0/24', [vpn]))).toBe('10.9.4.0/24');
    expect(() => wantedSubnet('10.0.0.0/8', [vpn])).toThrow(/10\.0\.0\.0\/8/);
  });

  test('must have an address for every node', () => {
    expect(() => needRoomFor(5, cidr('10.0.0.0/29'))).not.toThrow();
    expect(() => needRoomFor(6, cidr('10.0.0.0/29'))).toThrow(/has 5 addresses for nodes, and the cluster has 6/);
  });
});

describe('addresses of nodes', () => {
  const subnet = cidr('10.1.0.0/24');

  test('are kept by those who have one, whatever else comes and goes', () => {
    const name = fc.integer({ min: 1, max: 60 }).map((number) => `w${number}`);
    const names = fc.uniqueArray(name, { maxLength: 40 });
    fc.assert(
      fc.property(names, names, (before, after) => {
        const first = assignAddresses(before, { subnet, known: new Map(), taken: [] }) ?? new Map();
        const second = assignAddresses(after, { subnet, known: first, taken: [] }) ?? new Map();
        for (const [node, address] of first) if (after.includes(node)) expect(second.get(node)).toBe(address);
        expect(new Set(second.values()).size).toBe(after.length);
        for (const [node, address] of second) {
          if (!first.has(node)) expect([...first.values()]).not.toContain(address);
        }
      }),
    );
  });

  test('leave out the gateway, the broadcast address and what others have', () => {
    const small = cidr('10.1.0.0/29');
    const nodes = ['a', 'b', 'c', 'd'];
    expect([...(assignAddresses(nodes, { subnet: small, known: new Map(), taken: ['10.1.0.3'] }) ?? [])]).toEqual([
      ['a', '10.1.0.2'],
      ['b', '10.1.0.4'],
      ['c', '10.1.0.5'],
      ['d', '10.1.0.6'],
    ]);
    expect(assignAddresses([...nodes, 'e'], { subnet: small, known: new Map(), taken: ['10.1.0.3'] })).toBeUndefined();
  });

  test('begin at 10, and use the ones below only when the others are gone', () => {
    const nodes = Array.from({ length: 253 }, (_, index) => `n${index}`);
    const all = [...(assignAddresses(nodes, { subnet, known: new Map(), taken: [] }) ?? [])].map(([, it]) => it);
    expect(all[0]).toBe('10.1.0.10');
    expect(all.at(-1)).toBe('10.1.0.9');
    expect(all).not.toContain('10.1.0.1');
    expect(all).not.toContain('10.1.0.255');
  });
});

test('routes are read as the kernel writes them, the default route left out', () => {
  const text = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'tun0\t00000080\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0',
    'eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
    '',
  ].join('\n');
  expect(routeClaims(text).map((it) => `${formatCidr(it.cidr)} ${it.by}`)).toEqual([
    '192.168.0.0/24 a route of this machine through eth0',
    '172.17.0.0/16 a route of this machine through docker0',
  ]);
});
