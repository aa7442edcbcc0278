import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';

/** The declaration files that `entry` imports, directly or not, with itself: what a user of the library needs of them. */
export async function reachableDeclarations(directory: string, entry: string): Promise<readonly string[]> {
  const found = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    const text = await readFile(join(directory, file), 'utf8');
    for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g)) {
      waiting.push(normalize(join(dirname(file), specifier.replace(/\.js$/, '.d.ts'))));
    }
  }
  return [...found].sort();
}
