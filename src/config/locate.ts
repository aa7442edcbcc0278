import { isAlias, isCollection, isMap, isNode, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import type { ConfigDocument } from './document.js';
import type { Path } from './problem.js';
import type { Span } from './span.js';

/**
 * Where a path stands in the file. `at: 'value'` of what is written over several lines, or not at all ("name:"), is
 * its key; a path that the file lacks is its nearest parent there is, in the end the file's first key.
 */
export function locate(document: ConfigDocument, path: Path, at: 'key' | 'value'): Span {
  const steps = walk(document, path);
  const reached = steps.at(-1);
  const isThere = steps.length === path.length;
  const value = isThere && at === 'value' && isOneLine(reached?.value) ? spanOf(reached?.value) : undefined;
  const keys = steps.map(({ key, value }) => spanOf(key ?? value)).filter((span) => span !== undefined);
  return value ?? keys.at(-1) ?? firstOf(document);
}

/** Does the path stand in the file? */
export function isPresent(document: ConfigDocument, path: Path): boolean {
  return walk(document, path).length === path.length;
}

interface Step {
  /** Absent for the entry of a list. */
  readonly key?: unknown;
  readonly value: unknown;
}

/** The way along a path, aliases followed, as far as the file has it. */
function walk(document: ConfigDocument, path: Path): readonly Step[] {
  const steps: Step[] = [];
  let node: unknown = document.contents;
  for (const part of path) {
    const parent = isAlias(node) ? node.resolve(document) : node;
    if (isMap(parent)) {
      const pair = pairsOf(parent).get(String(part));
      if (pair === undefined) return steps;
      steps.push({ key: pair.key, value: pair.value });
      node = pair.value;
    } else if (isSeq(parent) && typeof part === 'number' && part < parent.items.length) {
      node = parent.items[part];
      steps.push({ value: node });
    } else return steps;
  }
  return steps;
}

/** The pairs of a mapping by key; of one that stands twice the last, as in the plain value. */
function pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
  const known = PAIRS.get(map);
  if (known !== undefined) return known;
  const pairs = new Map(map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair]] : [])));
  PAIRS.set(map, pairs);
  return pairs;
}

/** So that a mapping with ten thousand wrong keys is looked through once and not ten thousand times. */
const PAIRS = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

function firstOf({ contents }: ConfigDocument): Span {
  return (isMap(contents) ? spanOf(contents.items[0]?.key) : spanOf(contents)) ?? [0, 1];
}

function isOneLine(node: unknown): boolean {
  return !isCollection(node) || node.flow === true;
}

/** The span of a node that takes any room. */
function spanOf(node: unknown): Span | undefined {
  const range = isNode(node) ? node.range : undefined;
  return range === null || range === undefined || range[1] <= range[0] ? undefined : [range[0], range[1]];
}
