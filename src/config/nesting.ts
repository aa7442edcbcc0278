import { type CST, Parser } from 'yaml';

/**
 * The offset of the first value that lies deeper than `limit` collections, or undefined. Looked for in the flat way,
 * before anything walks the text recursively: a few kilobytes of brackets would otherwise end the process.
 */
export function nestingBeyond(limit: number, text: string): number | undefined {
  const pending: { readonly token: CST.Token; readonly depth: number }[] = [];
  for (const token of new Parser().parse(text)) pending.push({ token, depth: 0 });
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { token, depth } = next;
    if (depth > limit) return token.offset;
    for (const child of childrenOf(token)) pending.push({ token: child, depth: depth + 1 });
  }
  return undefined;
}

function childrenOf(token: CST.Token): readonly CST.Token[] {
  switch (token.type) {
    case 'document':
      return token.value === undefined ? [] : [token.value];
    case 'block-map':
    case 'block-seq':
    case 'flow-collection':
      return token.items.flatMap(({ key, value }) =>
        [key, value].filter((child) => child !== undefined && child !== null),
      );
    default:
      return [];
  }
}
