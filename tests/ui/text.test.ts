import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytes, bytesOf, clockTime } from '../../src/ui/amounts.js';
import { clean, cut, cutColoured, inColumns, widthOf, wrap } from '../../src/ui/text.js';

test.each([
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b]0;title\u0007text', 'text'],
  ['\u001b]8;;https://example.org\u0007link\u001b]8;;\u0007', 'link'],
  ['beep\u0007 back\u0008space nul\u0000', 'beep backspace nul'],
  ['10%\r50%\r100%\r', '100%'],
  ['a\tb', 'a b'],
  ['\u202egnp.exe', 'gnp.exe'],
  ['c1 \u009b31m', 'c1 '],
  ['line\u2028break', 'linebreak'],
])('of %j a person sees %j', (text, seen) => {
  expect(clean(text)).toBe(seen);
});

test('of a line of megabytes only its end is looked at', () => {
  expect(clean('x'.repeat(5_000_000)).length).toBeLessThan(20_000);
});

test('what is cleaned moves no cursor, whatever it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
      expect(clean(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }),
  );
});

test.each([
  ['start containerd', 10, 'start con…'],
  ['start containerd', 16, 'start containerd'],
  ['容器运行时', 7, '容器运…'],
  ['容器运行时', 10, '容器运行时'],
  ['👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 5, '👨‍👩‍👧‍👦👨‍👩‍👧‍👦…'],
  ['word and space', 6, 'word…'],
  ['abc', 0, ''],
  ['abc', 1, 'a'],
])('%j in %d columns is %j', (text, width, shown) => {
  expect(cut(text, width, '…')).toBe(shown);
});

test('whatever the text, it is never wider than asked, and filled up exactly so wide', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, width) => {
      const line = clean(text);
      expect(widthOf(cut(line, width, '…'))).toBeLessThanOrEqual(width);
      expect(widthOf(inColumns(line, width, '…'))).toBe(width);
    }),
  );
});

test('long text is broken at spaces under its own indentation, and a long word stays whole', () => {
  const hash = 'sha256:'.padEnd(40, 'f');
  expect(wrap(`  one two three four five ${hash} six`, 22)).toEqual([
    '  one two three four',
    '  five',
    `  ${hash}`,
    '  six',
  ]);
  expect(wrap('short\n\nlines', 40)).toEqual(['short', '', 'lines']);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [999_499, '999 kB'],
  [999_600, '1.0 MB'],
  [352e6, '352 MB'],
  [1.25e9, '1.3 GB'],
])('%d bytes are %s', (number, text) => {
  expect(bytes(number)).toBe(text);
});

test('bytes of a whole are told in one unit where they have one', () => {
  expect(bytesOf(120e6, 352e6)).toBe('120 of 352 MB');
  expect(bytesOf(850e3, 352e6)).toBe('850 kB of 352 MB');
});

test.each([
  [0, '0s'],
  [59_999, '59s'],
  [64_000, '1m 04s'],
  [3_600_000, '1h 00m'],
  [7_859_000, '2h 10m'],
  [1_000_000_000, '11d 13h'],
])('%d ms on the clock are %s', (ms, text) => {
  expect(clockTime(ms)).toBe(text);
});

test('coloured text is cut by what is seen of it, and its colours come to their end', () => {
  const text = '\u001b[31mred\u001b[39m and \u001b[1mbold\u001b[22m';
  expect(cutColoured(text, 12, '…')).toBe(text);
  expect(cutColoured(text, 9, '…')).toBe('\u001b[31mred\u001b[39m and \u001b[1m…\u001b[22m');
  expect(cutColoured(text, 3, '…')).toBe('\u001b[31mre…\u001b[39m\u001b[1m\u001b[22m');
  for (let width = 1; width < 14; width++) expect(widthOf(cutColoured(text, width, '…'))).toBeLessThanOrEqual(width);
});
