import type { YAMLSeq } from 'yaml';
import { readDocument } from '../document.js';
import { formatPath, type Path } from '../problem.js';
import type { Span } from '../span.js';
import { withFlowEntry, withoutFlowEntry } from './flow.js';
import { tooUnusual } from './impossible.js';
import {
  indentAt,
  lineEnd,
  lineStart,
  replaced,
  withCommentsAbove,
  withCommentsBelow,
  withLines,
  withoutLines,
} from './lines.js';
import { listAt, mappingAt, nodeAt, pairOf, refuseAnchors, spanOf } from './place.js';

/** The text with an entry more in the list at `path`, in front of the one with this index or after all. `lines` is one line for a list in brackets. */
export function withEntry(text: string, path: Path, index: number, lines: readonly string[]): string {
  const list = listAt(readDocument(text).document, path);
  if (list.flow === true || list.items.length === 0) return withFlowEntry(text, list, index, lines.join(' '));
  const isLast = index >= list.items.length;
  const { span, indent } = blockEntry(text, list, Math.min(index, list.items.length - 1), path);
  const written = lines.map((line, number) => `${indent}${number === 0 ? '- ' : '  '}${line}`);
  return withLines(text, span[isLast ? 1 : 0], written);
}

/** The text without an entry of the list at `path`: the comments beside it, in it and right above it go with it. */
export function withoutEntry(text: string, path: Path, index: number): string {
  const { document } = readDocument(text);
  const list = listAt(document, path);
  const entry = nodeAt(document, [...path, index]);
  if (entry !== undefined) refuseAnchors(entry, [...path, index]);
  if (list.flow === true) return withoutFlowEntry(text, list, index);
  const { span } = blockEntry(text, list, index, path);
  if (list.items.length > 1) return withoutLines(text, span);
  // Nothing after the key would be no list any more.
  const key = pairOf(mappingAt(document, path.slice(0, -1)), String(path.at(-1)))?.key;
  const colon = /^[ \t]*:/.exec(text.slice(spanOf(key)[1]))?.[0].length;
  if (colon === undefined) throw tooUnusual(formatPath(path));
  const afterColon = spanOf(key)[1] + colon;
  return replaced(withoutLines(text, span), [afterColon, afterColon], ' []');
}

/** The lines of an entry, its comments with them, and how far its dash is indented. */
function blockEntry(text: string, list: YAMLSeq, index: number, path: Path): { span: Span; indent: string } {
  const before = list.items[index - 1];
  const dash = before === undefined ? spanOf(list)[0] : nextDash(text, spanOf(before)[1]);
  const indent = text[dash] === '-' ? indentAt(text, dash) : undefined;
  if (indent === undefined) throw tooUnusual(formatPath([...path, index]));
  // What is indented deeper belongs to the entry above.
  const start = withCommentsAbove(text, lineStart(text, dash), (column) => column <= indent.length);
  const end = lineEnd(text, spanOf(list.items[index])[1]);
  return { span: [start, withCommentsBelow(text, end, (column) => column > indent.length)], indent };
}

/** The first character after space, line breaks and comments. */
function nextDash(text: string, from: number): number {
  return from + (/^(?:\s|#[^\n]*)*/.exec(text.slice(from))?.[0].length ?? 0);
}
