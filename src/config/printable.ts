/**
 * Text from a file as it may go to a terminal: control characters, line separators, and the characters that turn
 * the direction of text or take no room are written as escapes (\x1b, \u202e), so that nothing in a config can move the
 * cursor, recolour or hide what is printed. A tab becomes one space.
 */
export function printable(text: string): string {
  return text.replaceAll('\t', ' ').replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, escaped);
}

/** Has it a control character (Unicode's category Cc) in it? */
export function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  if (code.length <= 2) return `\\x${code.padStart(2, '0')}`;
  return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\u{${code}}`;
}
