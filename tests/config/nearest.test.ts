import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/config/nearest.js';

describe('the nearest word', () => {
  const words = ['name', 'provider', 'kubernetes', 'network', 'nodes', 'api', 'address', 'internalAddress'];

  test.each([
    ['nme', 'name'],
    ['naem', 'name'],
    ['Name', 'name'],
    ['adress', 'address'],
    ['kuberentes', 'kubernetes'],
    ['ap', 'api'],
    ['internaladdress', 'internalAddress'],
  ])('of %s is %s', (word, meant) => {
    expect(nearest(word, words)).toBe(meant);
  });

  test.each(['zzz', '', 'completely-different'])('%j has none', (word) => {
    expect(nearest(word, words)).toBeUndefined();
  });

  test('of a word is the word itself when it is there', () => {
    fc.assert(fc.property(fc.constantFrom(...words), (word) => nearest(word, words) === word));
  });

  test('is found after any one mistake in a word of three letters or more', () => {
    const mistakes = fc
      .constantFrom(...words)
      .chain((word) =>
        fc.tuple(fc.constant(word), fc.nat(word.length - 2), fc.constantFrom('leave out', 'swap', 'change', 'insert')),
      );
    fc.assert(
      fc.property(mistakes, ([word, at, mistake]) => {
        const [a = '', b = ''] = [word[at], word[at + 1]];
        const written = { 'leave out': b, swap: b + a, change: `_${b}`, insert: `${a}_${b}` }[mistake];
        expect(nearest(word.slice(0, at) + written + word.slice(at + 2), [word])).toBe(word);
      }),
    );
  });

  test('is the same distance there and back', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 3, maxLength: 6 }), fc.string({ minLength: 3, maxLength: 6 }), (a, b) => {
        if (a.length === b.length) expect(nearest(a, [b]) === undefined).toBe(nearest(b, [a]) === undefined);
      }),
    );
  });
});
