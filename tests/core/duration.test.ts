import { expect, test } from 'vitest';
import { duration, wholeSeconds } from '../../src/core/duration.js';

test.each([
  [0, '0 ms'],
  [849.6, '850 ms'],
  [4249, '4.2 s'],
  [9949, '9.9 s'],
  [9951, '10 s'],
  [59_499, '59 s'],
  [59_501, '1 min'],
  [185_000, '3 min 5 s'],
  [3_600_000, '1 h'],
  [7_859_000, '2 h 10 min'],
])('%d ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('a time that is still running has no fractions, and a clock that went back shows none', () => {
  expect(wholeSeconds(4499)).toBe('4 s');
  expect(wholeSeconds(-5)).toBe('0 s');
});
