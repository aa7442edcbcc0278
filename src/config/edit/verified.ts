import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../../model/cluster.js';
import { parseConfig, type ValidConfig } from '../load.js';
import { impossible, tooUnusual } from './impossible.js';

/**
 * The edited text, when it is a valid config of the nodes that are wanted and nothing else has changed. Errors:
 * `edit-impossible`, with what would be wrong.
 */
export function verified(before: ValidConfig, text: string, wanted: () => readonly string[]): string {
  const after = parseConfig(text, before.file);
  if (!after.ok) {
    const errors = after.diagnostics.filter(({ severity }) => severity === 'error');
    const problems = errors.map(({ message }) => message).join('; ');
    const hint = errors.find((error) => error.hint !== undefined)?.hint ?? 'Nothing was changed.';
    throw impossible(`${before.file} would not be valid any more: ${problems}`, hint);
  }
  if (!isDeepStrictEqual(outline(after.cluster), outline(before.cluster, wanted()))) throw tooUnusual(before.file);
  const kept = new Map(before.cluster.nodes.map((node) => [node.name, node]));
  const isKept = after.cluster.nodes.every((node) => isDeepStrictEqual(node, kept.get(node.name) ?? node));
  if (!isKept) throw tooUnusual(before.file);
  return text;
}

function outline(cluster: Cluster, names: readonly string[] = cluster.nodes.map(({ name }) => name)) {
  return { ...cluster, nodes: names.toSorted() };
}
