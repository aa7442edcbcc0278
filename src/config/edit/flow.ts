import { isMap, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Span } from '../span.js';
import { indentAt, lineEnd, lineStart, replaced, withCommentsAbove, withLines, withoutLines } from './lines.js';
import { spanOf } from './place.js';

/* Mappings and lists in braces and brackets: {a: 1, b: 2} and [1, 2], on one line or on several. A comma after the last entry is fine. */

type FlowCollection = YAMLMap | YAMLSeq;

/** The text with an entry more, in front of the one with this index or after all. */
export function withFlowEntry(text: string, collection: FlowCollection, index: number, entry: string): string {
  const spans = entrySpans(collection);
  const next = spans[index];
  if (next !== undefined) return replaced(text, [next[0], next[0]], `${entry}, `);
  const last = spans.at(-1);
  if (last === undefined) {
    const inside = spanOf(collection)[0] + 1;
    return replaced(text, [inside, inside], entry);
  }
  const [start, end] = last;
  if (!hasOwnLines(text, last)) return replaced(text, [end, end], `, ${entry}`);
  const hasComma = /^[ \t]*,/.test(text.slice(end));
  const longer = withLines(text, lineEnd(text, end), [`${indentAt(text, start)}${entry}${hasComma ? ',' : ''}`]);
  return hasComma ? longer : replaced(longer, [end, end], ',');
}

/** The text without the entry that has this index: it goes with its lines and the comments above them where it has any of its own. */
export function withoutFlowEntry(text: string, collection: FlowCollection, index: number): string {
  const spans = entrySpans(collection);
  const [previous, span, next] = [spans[index - 1], spans[index], spans[index + 1]];
  if (span === undefined) return text;
  const [start, end] = span;
  if (hasOwnLines(text, span)) {
    return withoutLines(text, [withCommentsAbove(text, lineStart(text, start), () => true), lineEnd(text, end)]);
  }
  if (next !== undefined) return replaced(text, [start, next[0]], '');
  if (previous !== undefined && !text.slice(previous[1], start).includes('\n')) {
    return replaced(text, [previous[1], end], '');
  }
  const comma = /^[ \t]*,/.exec(text.slice(end))?.[0].length ?? 0;
  return replaced(text, [start, end + comma], '');
}

function entrySpans(collection: FlowCollection): readonly Span[] {
  if (!isMap(collection)) return collection.items.map(spanOf);
  return collection.items.map(({ key, value }) => [spanOf(key)[0], spanOf(value ?? key)[1]]);
}

/** Does nothing else stand on an entry's lines but its comma and a comment? */
function hasOwnLines(text: string, [start, end]: Span): boolean {
  return indentAt(text, start) !== undefined && /^[ \t]*,?(?:[ \t]+#[^\n]*)?\r?\n/.test(text.slice(end));
}
