import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds dist/ where it is missing or older than a source: what the stories run is what a user gets. */
export async function setup(): Promise<void> {
  const built = await modified(join(root, 'dist/cli.js'));
  const sources = [...(await files(join(root, 'src'))), join(root, 'package.json'), join(root, 'scripts/build.ts')];
  const times = await Promise.all(sources.map(modified));
  if (built > Math.max(...times)) return;
  await execa('npm', ['run', '--silent', 'build'], { cwd: root, stdin: 'ignore' });
}

async function files(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Milliseconds since 1970; 0 for what does not exist. */
async function modified(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
}
