import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { configError, type Diagnostic, formatDiagnostics } from '../../src/config/diagnostics.js';
import { printable } from '../../src/config/printable.js';
import { shown } from '../../src/config/shown.js';

function at(line: number, column: number, length?: number): Diagnostic {
  return { severity: 'error', message: 'it is wrong', file: 'cluster.yaml', line, column, length };
}

describe('a diagnostic', () => {
  test('shows the source line and what of it is meant', () => {
    expect(formatDiagnostics([{ ...at(2, 4, 3), hint: 'mend it' }], 'a: 1\nb: two\n')).toBe(
      'cluster.yaml:2:4: error: it is wrong\n  2 | b: two\n    |    ~~~\n  hint: mend it',
    );
  });

  test('of the file as a whole has no place', () => {
    expect(formatDiagnostics([at(0, 0)], '')).toBe('cluster.yaml: error: it is wrong');
  });

  test('that is a warning says so', () => {
    expect(formatDiagnostics([{ ...at(1, 1), severity: 'warning' }], '')).toBe(
      'cluster.yaml:1:1: warning: it is wrong',
    );
  });

  test.each([
    ['a tab', 'a:\tbc', 4, '  1 | a: bc\n    |    ~~'],
    ['wide characters', '名前: bc', 5, '  1 | 名前: bc\n    |       ~~'],
    ['control characters', '"\u001b[2J": bc', 9, '  1 | "\\x1b[2J": bc\n    |            ~~'],
    ['a Windows line end', 'a: bc\r\n', 4, '  1 | a: bc\n    |    ~~'],
  ])('is aligned behind %s', (_, text, column, excerpt) => {
    expect(formatDiagnostics([at(1, column, 2)], text)).toBe(
      `cluster.yaml:1:${column}: error: it is wrong\n${excerpt}`,
    );
  });

  test('of a line of a million characters shows what is around the place', () => {
    const text = `${'a'.repeat(500_000)}!${'b'.repeat(500_000)}`;
    const [, excerpt = '', squiggle = ''] = formatDiagnostics([at(1, 500_001)], text).split('\n');
    expect(excerpt.length).toBeLessThan(200);
    expect(excerpt[squiggle.indexOf('~')]).toBe('!');
  });

  test('that goes beyond the line ends with it', () => {
    expect(formatDiagnostics([at(1, 4, 500)], 'a: bc')).toContain('    |    ~~');
    expect(
      formatDiagnostics([at(1, 6)], 'a: bc')
        .split('\n')
        .at(-1),
    ).toBe('    |      ~');
  });

  test('is counted and not printed when it is one of too many', () => {
    const printed = formatDiagnostics(
      Array.from({ length: 130 }, () => at(0, 0)),
      '',
    );
    expect(printed.match(/it is wrong/g)).toHaveLength(100);
    expect(printed.split('\n').at(-1)).toBe('and 30 more');
  });

  test('prints nothing that a terminal would act on, whatever is in it', () => {
    const any = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(any, any, any, any, fc.nat(20), fc.nat(20), (file, message, hint, text, column, length) => {
        const printed = formatDiagnostics([{ ...at(1, column + 1, length), file, message, hint }], text);
        expect(printed).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
      }),
    );
  });
});

describe('the error of a config', () => {
  test('carries the code, the count and everything formatted', () => {
    const error = configError([at(1, 4, 1), { ...at(1, 1), severity: 'warning' }], 'a: 1');
    expect(error.code).toBe('config-invalid');
    expect(error.message).toBe(
      `cluster.yaml has 1 problem\n\n${formatDiagnostics([at(1, 4, 1), { ...at(1, 1), severity: 'warning' }], 'a: 1')}`,
    );
    expect(configError([at(1, 1), at(1, 1)], '').message).toContain('cluster.yaml has 2 problems\n');
  });
});

describe('a value in a message', () => {
  test.each([
    ['text', '"text"'],
    ['', '""'],
    ['a\u001b[31m\u202e\n', '"a\\x1b[31m\\u202e\\x0a"'],
    ['\u{e0001}', '"\\u{e0001}"'],
    ['x'.repeat(100), `"${'x'.repeat(77)}…"`],
    [5, '5'],
    [true, 'true'],
    [null, 'nothing'],
    [undefined, 'nothing'],
    [[], 'an empty list'],
    [[1], 'a list'],
    [{}, 'an empty mapping'],
    [{ a: 1, 'b\n': 2 }, '{a: …, b\\x0a: …}'],
    [{ a: 1, b: 2, c: 3, d: 4 }, '{a: …, b: …, c: …, …}'],
  ])('%j is shown as %s', (value, text) => {
    expect(shown(value)).toBe(text);
  });

  test('is never long', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => shown(text).length < 800));
  });

  test('keeps its words and emoji', () => {
    expect(printable('größer 名前 😀')).toBe('größer 名前 😀');
    expect(stringWidth(printable('a\tb'))).toBe(3);
  });
});
