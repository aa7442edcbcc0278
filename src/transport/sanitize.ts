import { stripVTControlCharacters } from 'node:util';

/**
 * Makes a line that came from another machine safe to print: it can neither move the cursor, recolour or retitle
 * the terminal nor reorder what is read. Whole escape sequences are dropped, any other control or bidirectional
 * formatting character is shown as an escape (`\x07`, `\u{202e}`), and tabs become spaces.
 */
export function sanitizeLine(line: string): string {
  if (!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line)) return line;
  return expandTabs(stripVTControlCharacters(line)).replace(UNSAFE, visible);
}

/**
 * Control characters, line and paragraph separators, and the formatting characters that reorder text
 * ("Trojan Source", CVE-2021-42574). Joiners stay: emoji and Indic scripts need them.
 */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const TAB_WIDTH = 8;

function expandTabs(line: string): string {
  if (!line.includes('\t')) return line;
  let expanded = '';
  for (const [index, part] of line.split('\t').entries()) {
    if (index > 0) expanded += ' '.repeat(TAB_WIDTH - (expanded.length % TAB_WIDTH));
    expanded += part;
  }
  return expanded;
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
