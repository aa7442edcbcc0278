import { access, constants, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Where a person's shell finds kubectl. */
export interface UserKubectl {
  /** What to type: "kubectl" where it is on the PATH, else its whole path. */
  readonly command: string;
  readonly path: string;
  /** `found`: was there already, never touched; `installed`: put there by this call. */
  readonly state: 'found' | 'installed';
}

/**
 * Makes sure that there is a kubectl for the user: one on the PATH is left as it is, whatever its version;
 * without one, the pinned binary is copied to ~/.local/bin/kubectl (the XDG place for a user's programs). A file
 * that is there already is never overwritten.
 */
export async function provideKubectl(pinned: string, env = process.env): Promise<UserKubectl> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const path = join(folder, 'kubectl');
    if (await isExecutable(path)) return { command: 'kubectl', path, state: 'found' };
  }
  const folder = join(env['HOME'] ?? homedir(), '.local', 'bin');
  const path = join(folder, 'kubectl');
  const command = folders.includes(folder) ? 'kubectl' : path;
  if (await isExecutable(path)) return { command, path, state: 'found' };
  await mkdir(folder, { recursive: true });
  const temporary = `${path}.kubewright-${process.pid}`;
  try {
    await copyFile(pinned, temporary);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  return { command, path, state: 'installed' };
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
