import { stringify } from 'yaml';
import { readDocument } from '../document.js';
import { DEFAULT_POOLS } from '../schema/v1alpha1.js';
import { withFlowEntry } from './flow.js';
import { tooUnusual } from './impossible.js';
import { indentAt, lineEnd, withLines } from './lines.js';
import { mappingAt, spanOf } from './place.js';

/** The text of a config that names no pools, with the default ones written out at its end. */
export function withDefaultPools(text: string): string {
  const map = mappingAt(readDocument(text).document, []);
  if (map.flow === true) {
    const nodes = stringify(DEFAULT_POOLS, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false });
    return withFlowEntry(text, map, map.items.length, `nodes: ${nodes.trimEnd()}`);
  }
  const indent = indentAt(text, spanOf(map)[0]);
  if (indent === undefined) throw tooUnusual('the file');
  const lines = stringify({ nodes: DEFAULT_POOLS }).trimEnd().split('\n');
  const hasBlankLines = /\n[ \t]*\r?\n/.test(text.slice(...spanOf(map)));
  return withLines(text, lineEnd(text, spanOf(map)[1]), [
    ...(hasBlankLines ? [''] : []),
    ...lines.map((line) => indent + line),
  ]);
}
