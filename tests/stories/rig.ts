import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ExecaError, execa, type Options, type Result } from 'execa';
import { afterAll } from 'vitest';

/** The built CLI: what `npx kubewright` runs. */
export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** A folder of this test file's own, removed at its end. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kubewright-story-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The environment of a user who has nothing yet: a home of one's own, no colours, nothing inherited but the path. */
export function emptyHome(home: string): Readonly<Record<string, string>> {
  return { HOME: home, PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', TERM: 'dumb' };
}

/** Runs the built CLI as a user does and gives its exit, whatever that is. */
export function kubewright(
  words: readonly string[],
  home: string,
  options: Options = {},
): Promise<Result | ExecaError> {
  return execa(process.execPath, [CLI, ...words], {
    cwd: home,
    env: emptyHome(home),
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    ...options,
  });
}
