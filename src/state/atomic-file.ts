import { randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { onExit } from 'signal-exit';
import { fileError } from './file-error.js';

/** How a file is written. */
export interface AtomicWriteOptions {
  /** Permissions of the file, whatever the umask. Default: 0600. */
  readonly mode?: number | undefined;
  /** Completes "could not …" in errors. Default: "write a file". */
  readonly doing?: string | undefined;
}

/**
 * Writes a file so that at any moment, also after a power cut, it has either all of its old content or all of
 * its new. A symbolic link is followed. Missing folders are made with mode 0700. Rejects with `state-unwritable`,
 * the old content untouched.
 *
 * Not write-file-atomic: that takes a write cut short by a full disk for a complete one (seen with 7.0.1 on a
 * full tmpfs) and puts the stump in the file's place.
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
  { mode = 0o600, doing = 'write a file' }: AtomicWriteOptions = {},
): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const target = await realpath(path).catch(() => path);
    const draft = `${target}.${randomBytes(6).toString('hex')}.tmp`;
    const forget = onExit(() => removeQuietly(draft));
    try {
      await writeDurably(draft, content, mode);
      await rename(draft, target);
      await syncDirectory(dirname(target));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    } finally {
      forget();
    }
  } catch (error) {
    throw fileError(error, doing, path);
  }
}

async function writeDurably(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  await using file = await open(path, 'wx', mode);
  await file.writeFile(content);
  await file.chmod(mode);
  await file.sync();
}

/** Makes the new name durable. Not every platform lets a folder be opened for that. */
async function syncDirectory(path: string): Promise<void> {
  try {
    await using directory = await open(path, 'r');
    await directory.sync();
  } catch {
    // The file itself is safe; at worst a power cut brings the old one back.
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Most often it has its final name already.
  }
}
