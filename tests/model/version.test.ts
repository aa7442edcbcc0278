import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareVersions,
  describeSupport,
  formatVersion,
  parseVersion,
  SUPPORTED_MINORS,
  supportOf,
  type Version,
} from '../../src/model/version.js';

const part = fc.integer({ min: 0, max: 999_999 });
const anyVersion: fc.Arbitrary<Version> = fc.record({ major: part, minor: part, patch: part });

function version(text: string): Version {
  const parsed = parseVersion(text);
  if (parsed === undefined) throw new Error(`${text} is no version`);
  return parsed;
}

describe('reading', () => {
  test('a version is read with and without its v', () => {
    expect(parseVersion('v1.36.3')).toEqual({ major: 1, minor: 36, patch: 3 });
    expect(parseVersion('1.36.3')).toEqual(parseVersion('v1.36.3'));
  });

  test.each([
    '1.36',
    '1',
    '',
    'v',
    '1.36.3.0',
    '1.36.03',
    '01.36.3',
    '1.36.x',
    'V1.36.3',
    'vv1.36.3',
    '1.37.0-rc.1',
    '1.36.3+k3s1',
    ' 1.36.3',
    '1.36.3\n',
    '1.-36.3',
    '1.36.99999999999999999999',
  ])('%j is no release', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  test('what is written reads back the same', () => {
    fc.assert(
      fc.property(anyVersion, (one) => {
        expect(parseVersion(formatVersion(one))).toEqual(one);
      }),
    );
  });
});

describe('order', () => {
  test('numbers count, not letters: 1.9 is older than 1.10', () => {
    expect(compareVersions(version('1.9.0'), version('1.10.0'))).toBeLessThan(0);
  });

  test('is a total order', () => {
    fc.assert(
      fc.property(anyVersion, anyVersion, anyVersion, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) {
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
        }
        expect(compareVersions(a, a)).toBe(0);
      }),
    );
  });
});

describe('support', () => {
  test('every release that the table suggests is supported and belongs to its row', () => {
    for (const { minor, release } of SUPPORTED_MINORS) {
      expect(version(release).minor).toBe(minor);
      expect(supportOf(version(release))).toEqual({ supported: true });
    }
  });

  test('the table goes up by one, so that it is a range', () => {
    const minors = SUPPORTED_MINORS.map(({ minor }) => minor);
    expect(minors).toEqual(minors.map((_, index) => (minors[0] ?? 0) + index));
    expect(describeSupport()).toBe('1.34 to 1.37');
  });

  test.each([
    ['1.33.9', '1.34.4', 'it is older than 1.34'],
    ['0.99.0', '1.34.4', 'it is older than 1.34'],
    ['1.38.0', '1.37.2', 'it is newer than 1.37'],
    ['2.0.0', '1.37.2', 'it is newer than 1.37'],
    ['2.35.0', '1.37.2', 'it is newer than 1.37'],
  ])('%s is out of support and %s is the nearest', (asked, nearest, why) => {
    expect(supportOf(version(asked))).toEqual({ supported: false, nearest, why });
  });

  test('every patch release of a supported minor is supported, also ones made later', () => {
    fc.assert(
      fc.property(part, (patch) => {
        expect(supportOf({ major: 1, minor: 36, patch }).supported).toBe(true);
      }),
    );
  });
});
