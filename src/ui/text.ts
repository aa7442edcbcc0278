import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/** Columns of a terminal that a text takes: two for most of CJK and emoji, none for colours. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/**
 * What a person may see of text from elsewhere: no escape sequences, no control characters, nothing that turns the
 * direction of writing. Of a line that was written over with carriage returns, what stood there last.
 */
export function clean(text: string): string {
  // No more than fits on any screen: lines can be megabytes long.
  const shown = text.trimEnd().slice(-MOST_CHARACTERS);
  const last = shown.slice(shown.lastIndexOf('\r') + 1);
  return stripVTControlCharacters(last).replaceAll('\t', ' ').replaceAll(INVISIBLE, '');
}

const MOST_CHARACTERS = 10_000;
// C0, DEL, C1, line and paragraph separators, marks and overrides of direction.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** The text if it fits into so many columns, else its beginning and an ellipsis. For text without escape sequences. */
export function cut(text: string, width: number, ellipsis: string): string {
  if (width <= 0) return '';
  if (text.length <= width && ASCII_ONLY.test(text)) return text;
  if (text.length <= width * MOST_PER_COLUMN && widthOf(text) <= width) return text;
  const end = width <= ellipsis.length ? '' : ellipsis;
  let room = width - widthOf(end);
  let kept = '';
  for (const { segment } of GRAPHEMES.segment(text.slice(0, width * MOST_PER_COLUMN))) {
    room -= widthOf(segment);
    if (room < 0) break;
    kept += segment;
  }
  return kept.trimEnd() + end;
}

/** The same for text with colours, which all come to their end: what was cut off are letters alone. */
export function cutColoured(text: string, width: number, ellipsis: string): string {
  if (widthOf(text) <= width) return text;
  let room = width - widthOf(ellipsis);
  let isFull = false;
  return text
    .split(COLOUR)
    .map((part) => {
      if (COLOUR_ALONE.test(part)) return part;
      if (isFull) return '';
      const kept = cut(part, room, '');
      room -= widthOf(part);
      isFull = room < 0;
      return isFull ? kept + ellipsis : kept;
    })
    .join('');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
const COLOUR = /(\u001b\[[0-9;]*m)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
const COLOUR_ALONE = /^\u001b\[[0-9;]*m$/;

const ASCII_ONLY = /^[\x20-\x7e]*$/;
/** Characters of one column are seldom more: a family of emoji has eleven in two. */
const MOST_PER_COLUMN = 16;
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The text in exactly so many columns: cut, or filled up with spaces on the right. */
export function inColumns(text: string, width: number, ellipsis: string): string {
  const shown = cut(text, width, ellipsis);
  return shown + ' '.repeat(Math.max(0, width - widthOf(shown)));
}

/** The text as lines of at most so many columns, broken at spaces; each goes on under the indentation of its beginning. */
export function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(width, 20)));
}

function wrapLine(line: string, width: number): readonly string[] {
  if (widthOf(line) <= width) return [line];
  const indent = /^ */.exec(line)?.[0] ?? '';
  const lines: string[] = [];
  let current = indent;
  for (const word of line.trim().split(/ +/)) {
    const joined = current.trim() === '' ? indent + word : `${current} ${word}`;
    // A word that is too long by itself (a path, a hash) stays whole: it is there to be copied.
    if (widthOf(joined) <= width || current.trim() === '') {
      current = joined;
    } else {
      lines.push(current);
      current = indent + word;
    }
  }
  return [...lines, current];
}
