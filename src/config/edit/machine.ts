import { isMap, type Node, stringify } from 'yaml';
import type { HostConfig } from '../schema/v1alpha1.js';

/** The lines of one machine, in the style of the machine `like` it in the same list: one line in braces, or a line for each field. */
export function machineLines(host: HostConfig, like: Node | undefined, text: string): readonly string[] {
  if (isMap(like) && like.flow !== true) return stringify(host, { lineWidth: 0 }).trimEnd().split('\n');
  const isTight = isMap(like) && /^\{\S/.test(text.slice(like.range?.[0]));
  const options = { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: !isTight } as const;
  return [stringify(host, options).trimEnd()];
}
