import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What a file of the cache looked like when its sum was last verified: a cheap way to notice that it changed. */
export interface Seal {
  /** Hex; also the file's name. */
  readonly sha256: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** Where files of the cache lie, each read-only under its sha256. */
function blobDirectory(cacheDirectory: string): string {
  return join(cacheDirectory, 'blobs');
}

/** Where one file of the cache lies. It is not looked whether it is there. */
export function blobPath(cacheDirectory: string, sha256: string): string {
  return join(blobDirectory(cacheDirectory), sha256);
}

/** Moves a finished file, whose sum was verified, into the cache. `file` must lie in the same file system. */
export async function adoptBlob(
  cacheDirectory: string,
  file: string,
  sha256: string,
  mode: 0o444 | 0o555,
): Promise<Seal> {
  await mkdir(blobDirectory(cacheDirectory), { recursive: true });
  const path = blobPath(cacheDirectory, sha256);
  await chmod(file, mode);
  await rename(file, path);
  const { size, mtimeMs } = await stat(path);
  return { sha256, size, mtimeMs };
}

/**
 * Looks whether sealed files are still what they were. Size and time of change decide; where the time differs the
 * content is hashed again. Gives the seals as they are now, or undefined where a file is missing or damaged:
 * damaged ones are removed, so that they are made anew.
 */
export async function intactSeals(
  cacheDirectory: string,
  seals: readonly Seal[],
  signal: AbortSignal,
): Promise<readonly Seal[] | undefined> {
  const checked = await Promise.all(seals.map((seal) => intactSeal(cacheDirectory, seal, signal)));
  const intact = checked.filter((seal) => seal !== undefined);
  return intact.length === seals.length ? intact : undefined;
}

/** Hex sha256 of a file. */
export async function fileSha256(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, { signal });
  return hash.digest('hex');
}

async function intactSeal(cacheDirectory: string, seal: Seal, signal: AbortSignal): Promise<Seal | undefined> {
  const path = blobPath(cacheDirectory, seal.sha256);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  if (found.size === seal.size && found.mtimeMs === seal.mtimeMs) return seal;
  if (found.size === seal.size && (await fileSha256(path, signal)) === seal.sha256) {
    return { ...seal, mtimeMs: found.mtimeMs };
  }
  await rm(path, { force: true });
  return undefined;
}
