import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import type { ConfigDocument } from '../document.js';
import { formatPath, type Path } from '../problem.js';
import type { Span } from '../span.js';
import { impossible, tooUnusual } from './impossible.js';

/**
 * The node at a path; undefined where the file has none. What is reached through an alias, or has an anchor, is used
 * elsewhere too: it is refused (`edit-impossible`).
 */
export function nodeAt(document: ConfigDocument, path: Path): Node | undefined {
  let node: unknown = document.contents;
  refuseShared(node, []);
  for (const [index, part] of path.entries()) {
    node = isMap(node) ? pairOf(node, String(part))?.value : isSeq(node) ? node.items[Number(part)] : undefined;
    refuseShared(node, path.slice(0, index + 1));
  }
  return isScalar(node) || isMap(node) || isSeq(node) ? node : undefined;
}

/** The mapping at a path. */
export function mappingAt(document: ConfigDocument, path: Path): YAMLMap {
  const node = nodeAt(document, path);
  if (!isMap(node)) throw tooUnusual(formatPath(path) || 'the file');
  return node;
}

/** The list at a path. */
export function listAt(document: ConfigDocument, path: Path): YAMLSeq {
  const node = nodeAt(document, path);
  if (!isSeq(node)) throw tooUnusual(formatPath(path));
  return node;
}

/** The pair of a mapping that has this key. */
export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}

/** Where a node begins, and where its last character is; of a mapping or list in lines the end of its last line. */
export function spanOf(node: unknown): Span {
  const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined;
  if (range === undefined || range === null) throw tooUnusual('a part of the file');
  return [range[0], range[1]];
}

/** Refuses what has an anchor anywhere in it: when it goes, the aliases elsewhere stand for nothing. */
export function refuseAnchors(node: Node, path: Path): void {
  visit(node, { Node: (_, inner) => refuseAnchor(inner, path) });
}

function refuseShared(node: unknown, path: Path): void {
  if (isAlias(node)) {
    const message = `${formatPath(path)} is the alias *${node.source}: what it stands for would change in another place too`;
    throw impossible(message, WRITE_OUT);
  }
  refuseAnchor(node, path);
}

const WRITE_OUT = 'Write it out in each place, without & and *, and run the same command again.';

function refuseAnchor(node: unknown, path: Path): void {
  if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) {
    const place = formatPath(path) || 'the file';
    throw impossible(
      `${place} has the anchor &${node.anchor}: where *${node.anchor} stands would change too`,
      WRITE_OUT,
    );
  }
}
