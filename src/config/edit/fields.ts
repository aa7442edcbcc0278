import { readDocument } from '../document.js';
import { formatPath, type Path } from '../problem.js';
import { withFlowEntry, withoutFlowEntry } from './flow.js';
import { tooUnusual } from './impossible.js';
import { indentAt, lineEnd, lineStart, replaced, withCommentsBelow, withLines, withoutLines } from './lines.js';
import { mappingAt, nodeAt, pairOf, refuseAnchors, spanOf } from './place.js';

/** The text with another value at `path`, which must be there and on one line. */
export function withValue(text: string, path: Path, value: string): string {
  const node = nodeAt(readDocument(text).document, path);
  if (node === undefined) throw tooUnusual(formatPath(path));
  refuseAnchors(node, path);
  return replaced(text, spanOf(node), value);
}

/** The text with a field more in the mapping at `path`, right after the field `after`. `lines` is one line for a mapping in braces. */
export function withField(text: string, path: Path, after: string, lines: readonly string[]): string {
  const map = mappingAt(readDocument(text).document, path);
  const pair = pairOf(map, after);
  if (pair === undefined) throw tooUnusual(formatPath(path));
  if (map.flow === true) return withFlowEntry(text, map, map.items.indexOf(pair) + 1, lines.join(' '));
  const indent = indentAt(text, spanOf(pair.key)[0]);
  if (indent === undefined) throw tooUnusual(formatPath(path));
  const end = lineEnd(text, spanOf(pair.value ?? pair.key)[1]);
  return withLines(
    text,
    end,
    lines.map((line) => indent + line),
  );
}

/** The text without the field at `path`; comments in it and beside it go with it, those above it stay. */
export function withoutField(text: string, path: Path): string {
  const { document } = readDocument(text);
  const map = mappingAt(document, path.slice(0, -1));
  const value = nodeAt(document, path);
  const pair = pairOf(map, String(path.at(-1)));
  if (value === undefined || pair === undefined) return text;
  refuseAnchors(value, path);
  if (map.flow === true) return withoutFlowEntry(text, map, map.items.indexOf(pair));
  const [key] = spanOf(pair.key);
  const indent = indentAt(text, key);
  if (indent === undefined) throw tooUnusual(formatPath(path));
  const end = lineEnd(text, spanOf(value)[1]);
  return withoutLines(text, [lineStart(text, key), withCommentsBelow(text, end, (column) => column > indent.length)]);
}
