import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import {
  addressCount,
  type Cidr,
  contains,
  firstFreeSubnet,
  formatCidr,
  formatIpv4,
  isIpv6,
  nthAddress,
  overlaps,
  parseCidr,
  parseIpv4,
  split,
} from '../../src/model/cidr.js';

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyCidr = fc
  .tuple(address, fc.integer({ min: 0, max: 32 }))
  .map(([first, prefix]) => cidr(`${formatIpv4(first)}/${prefix}`));

function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(`${text} is no CIDR`);
  return parsed;
}

describe('reading', () => {
  test.each([
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '010.0.0.0/8',
    '0x0a.0.0.0/8',
    '256.0.0.0/8',
    ' 10.0.0.0/8',
    '10.0.0.0/8 ',
    'fd00::/64',
    '/8',
    '10.0.0.0/',
    '',
  ])('%j is no IPv4 network', (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  test('a network written with host bits is read as the network around them', () => {
    expect(formatCidr(cidr('10.244.1.7/16'))).toBe('10.244.0.0/16');
  });

  test('the whole of IPv4 and a single address are networks too', () => {
    expect(addressCount(cidr('0.0.0.0/0'))).toBe(2 ** 32);
    expect(addressCount(cidr('255.255.255.255/32'))).toBe(1);
  });

  test('what is written reads back the same', () => {
    fc.assert(
      fc.property(anyCidr, (one) => {
        expect(parseCidr(formatCidr(one))).toEqual(one);
      }),
    );
    fc.assert(
      fc.property(address, (one) => {
        expect(parseIpv4(formatIpv4(one))).toBe(one);
      }),
    );
  });

  test('any text at all is answered and never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseCidr(text)));
    fc.assert(fc.property(fc.string(), (text) => void isIpv6(text)));
  });

  test('IPv6 is told apart, but not with a zone', () => {
    expect(['::1', 'fd00::1', '2001:db8::10.0.0.1'].map(isIpv6)).toEqual([true, true, true]);
    expect(['10.0.0.1', 'fe80::1%eth0', 'a:b', ''].map(isIpv6)).toEqual([false, false, false, false]);
  });
});

describe('containment', () => {
  test('agrees with ipaddr.js for every address', () => {
    fc.assert(
      fc.property(anyCidr, address, (one, other) => {
        const oracle = ipaddr.IPv4.parse(formatIpv4(other)).match(ipaddr.IPv4.parseCIDR(formatCidr(one)));
        expect(contains(one, other)).toBe(oracle);
      }),
    );
  });

  test('two networks overlap exactly when one holds an end of the other', () => {
    fc.assert(
      fc.property(anyCidr, anyCidr, (a, b) => {
        const last = (one: Cidr) => one.network + addressCount(one) - 1;
        expect(overlaps(a, b)).toBe(a.network <= last(b) && b.network <= last(a));
        expect(overlaps(a, b)).toBe(overlaps(b, a));
      }),
    );
  });

  test('networks beside each other do not overlap', () => {
    expect(overlaps(cidr('10.244.0.0/16'), cidr('10.245.0.0/16'))).toBe(false);
    expect(overlaps(cidr('10.0.0.0/8'), cidr('10.96.0.0/12'))).toBe(true);
  });
});

describe('counting', () => {
  test('the tenth address of the service network is where kubeadm puts cluster DNS', () => {
    expect(nthAddress(cidr('10.96.0.0/16'), 10)).toBe('10.96.0.10');
  });

  test('every address of a network lies in it', () => {
    fc.assert(
      fc.property(anyCidr, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (one, share) => {
        const nth = parseIpv4(nthAddress(one, Math.floor(share * addressCount(one))));
        expect(nth !== undefined && contains(one, nth)).toBe(true);
      }),
    );
  });

  test.each([-1, 256, 1.5, Number.NaN])('address number %d of a /24 does not exist', (n) => {
    expect(() => nthAddress(cidr('10.0.0.0/24'), n)).toThrow(RangeError);
  });

  test('splitting gives all of the network, once, in order', () => {
    const whole = fc.tuple(address, fc.integer({ min: 8, max: 32 }), fc.integer({ min: 0, max: 8 }));
    fc.assert(
      fc.property(whole, ([first, prefix, deeper]) => {
        const one = cidr(`${formatIpv4(first)}/${prefix}`);
        const parts = [...split(one, Math.min(32, prefix + deeper))];
        expect(parts.reduce((sum, part) => sum + addressCount(part), 0)).toBe(addressCount(one));
        expect(parts[0]?.network).toBe(one.network);
        for (const [index, part] of parts.entries()) {
          const before = parts[index - 1];
          if (before !== undefined) expect(part.network).toBe(before.network + addressCount(before));
        }
      }),
    );
  });

  test('a network has no subnets larger than itself', () => {
    expect([...split(cidr('10.0.0.0/24'), 16)]).toEqual([]);
  });
});

describe('the first free subnet', () => {
  const candidates = () => split(cidr('10.17.0.0/16'), 24);

  test('is the first that nothing taken touches', () => {
    const free = firstFreeSubnet(candidates(), [cidr('10.17.0.0/23'), cidr('10.17.2.128/25')]);
    expect(free && formatCidr(free)).toBe('10.17.3.0/24');
  });

  test('does not exist when a larger network covers all candidates', () => {
    expect(firstFreeSubnet(candidates(), [cidr('10.0.0.0/8')])).toBeUndefined();
  });

  test('never touches what is taken, and nothing before it was free', () => {
    const taken = fc.array(anyCidr.filter((one) => one.prefix >= 14));
    fc.assert(
      fc.property(taken, (others) => {
        const free = firstFreeSubnet(candidates(), others);
        for (const candidate of candidates()) {
          const isFree = !others.some((other) => overlaps(candidate, other));
          if (formatCidr(candidate) === (free && formatCidr(free))) {
            expect(isFree).toBe(true);
            return;
          }
          expect(isFree).toBe(false);
        }
        expect(free).toBeUndefined();
      }),
    );
  });
});
