import { expect, test } from 'vitest';
import { createPaint, isUnicode, marksFor, wantsColour } from '../../src/ui/theme.js';

const terminal = { isTTY: true };
const file = {};

test.each([
  [terminal, {}, true],
  [file, {}, false],
  [terminal, { TERM: 'dumb' }, false],
  [terminal, { NO_COLOR: '1' }, false],
  [terminal, { NO_COLOR: '' }, true],
  [file, { FORCE_COLOR: '1' }, true],
  [terminal, { FORCE_COLOR: '0' }, false],
  [terminal, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
])('%j with %j has colours: %s', (stream, env, colours) => {
  expect(wantsColour(stream, env)).toBe(colours);
});

test.each([
  [{ LANG: 'en_US.UTF-8' }, true],
  [{ LANG: 'C.utf8' }, true],
  [{ LANG: 'C' }, false],
  [{ LC_ALL: 'POSIX', LANG: 'en_US.UTF-8' }, false],
  [{ LC_ALL: '', LC_CTYPE: 'de_DE.UTF-8', LANG: 'C' }, true],
])('%j may have more than ASCII: %s', (env, unicode) => {
  expect(isUnicode(env)).toBe(unicode);
});

test('without colours text stays as it is; with them it is wrapped in codes that end', () => {
  expect(createPaint(false).red('x')).toBe('x');
  expect(createPaint(true).red('x')).toBe('\u001b[31mx\u001b[39m');
  expect(createPaint(true).red('')).toBe('');
});

test('the likenesses of the signs are ASCII', () => {
  for (const mark of Object.values(marksFor(false))) expect(mark).toMatch(/^[\x20-\x7e]+$/);
});
