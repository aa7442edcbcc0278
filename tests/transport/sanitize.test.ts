import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sanitizeLine } from '../../src/transport/sanitize.js';

const ESC = String.fromCharCode(27);

describe('sanitizeLine', () => {
  it.each([
    ['plain text', 'kubelet v1.36.3', 'kubelet v1.36.3'],
    ['other scripts and emoji', 'größe 日本語 👩‍🚀', 'größe 日本語 👩‍🚀'],
    ['colours', `${ESC}[31mred${ESC}[0m`, 'red'],
    ['the window title', `${ESC}]0;owned\x07text`, 'text'],
    ['hyperlinks', `${ESC}]8;;http://evil${ESC}\\click${ESC}]8;;${ESC}\\`, 'click'],
    ['cursor movement', `ok${ESC}[1A${ESC}[2Kgone`, 'okgone'],
    ['a bell', 'ding\x07', 'ding\\x07'],
    ['a backspace', 'abc\b\b', 'abc\\x08\\x08'],
    ['a lone escape', `${ESC}`, '\\x1b'],
    ['text that runs backwards', 'user\u202egnp.exe', 'user\\u{202e}gnp.exe'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['tabs', 'a\tb\t\tc', 'a       b               c'],
  ])('makes %s harmless', (_, line, safe) => {
    expect(sanitizeLine(line)).toBe(safe);
  });

  it('leaves no control character in any line', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('', `${ESC}[`, `${ESC}]`, '\x9b31m', `${ESC}P`),
        (text, sequence) => {
          expect(sanitizeLine(`${text}${sequence}${text}`)).not.toMatch(
            /[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u,
          );
        },
      ),
    );
  });
});
