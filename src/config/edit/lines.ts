import type { Span } from '../span.js';

/** The text with a part of it replaced. */
export function replaced(text: string, [start, end]: Span, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

/** The text with these lines, given without their ends, in front of the line that begins at `at`; after all when that is the text's end. */
export function withLines(text: string, at: number, lines: readonly string[]): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const isUnended = at === text.length && at > 0 && !text.endsWith('\n');
  return replaced(text, [at, at], isUnended ? end + lines.join(end) : lines.map((line) => line + end).join(''));
}

/** Where the line of this offset begins. */
export function lineStart(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}

/** Where the next line begins, or this one when the offset is its very start. */
export function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return at;
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

/** What stands in front of an offset on its line, when that is nothing but space. */
export function indentAt(text: string, at: number): string | undefined {
  const before = text.slice(lineStart(text, at), at);
  return /^\uFEFF?[ \t]*$/.test(before) ? before.replace('\uFEFF', '') : undefined;
}

/** The start of the comment lines right above a line, of those that `isOwn` says yes to by their indentation. */
export function withCommentsAbove(text: string, line: number, isOwn: (indent: number) => boolean): number {
  for (let start = line; start > 0; ) {
    const above = lineStart(text, start - 1);
    const indent = commentIndent(text, above);
    if (indent === undefined || !isOwn(indent)) return start;
    start = above;
  }
  return 0;
}

/** The end of the comment lines right below, `line` being the start of the first. */
export function withCommentsBelow(text: string, line: number, isOwn: (indent: number) => boolean): number {
  let end = line;
  for (
    let indent = commentIndent(text, end);
    indent !== undefined && isOwn(indent);
    indent = commentIndent(text, end)
  ) {
    end = lineEnd(text, end + 1);
  }
  return end;
}

/** The text without whole lines, and without the second of two blank lines that would come to stand together. */
export function withoutLines(text: string, [start, end]: Span): string {
  const isBlank = (line: number) => /^[ \t]*\r?\n/.test(text.slice(line, lineEnd(text, line + 1)));
  const leavesTwo = start > 0 && isBlank(lineStart(text, start - 1)) && isBlank(end);
  return replaced(text, [start, leavesTwo ? lineEnd(text, end + 1) : end], '');
}

/** How far the comment is indented that a line consists of; undefined for any other line. */
function commentIndent(text: string, line: number): number | undefined {
  return /^([ \t]*)#/.exec(text.slice(line, lineEnd(text, line + 1)))?.[1]?.length;
}
