/**
 * Blocks of lines as one picture of at most `height` lines, with an empty line between two of them where there is room.
 * Where there is not enough, the longest blocks give way from their ends; `more` says how many lines that were.
 */
export function fitBlocks(
  blocks: readonly (readonly string[])[],
  height: number,
  more: (hidden: number) => string,
): readonly string[] {
  const total = blocks.reduce((sum, block) => sum + block.length, 0);
  const isSpaced = total + blocks.length - 1 <= height;
  const sizes = blocks.map((block) => block.length);
  const room = Math.max(0, height);
  for (let sum = total; !isSpaced && sum > room; sum -= 1) {
    const longest = sizes.indexOf(Math.max(...sizes));
    // A block that shrinks to nothing goes without a word.
    sizes[longest] = (sizes[longest] ?? 0) - 1;
  }
  return blocks.flatMap((block, at) => {
    const size = sizes[at] ?? 0;
    const lines = size >= block.length ? block : shortened(block, size, more);
    return isSpaced && at > 0 ? ['', ...lines] : lines;
  });
}

function shortened(block: readonly string[], size: number, more: (hidden: number) => string): readonly string[] {
  if (size <= 0) return [];
  return [...block.slice(0, size - 1), more(block.length - size + 1)];
}
