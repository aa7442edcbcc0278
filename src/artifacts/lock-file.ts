import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { KubewrightError } from '../core/errors.js';
import { writeFileAtomically } from '../state/atomic-file.js';
import { exclusively } from './exclusive.js';
import { type ArtifactIdentity, describeArtifact, LockedArtifact, sameArtifact, sumOf } from './locked-artifact.js';

/** Reads artifacts.lock; empty where there is none yet. Rejects with `artifact-lock-invalid` where it cannot be understood. */
export async function readLockFile(path: string): Promise<readonly LockedArtifact[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw invalid(path, error.message);
  });
  if (text === undefined) return [];
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw invalid(path, error instanceof Error ? error.message : String(error));
  }
  const parsed = LockFile.safeParse(data);
  if (!parsed.success) throw invalid(path, z.prettifyError(parsed.error));
  return parsed.data.artifacts;
}

/** The locked entry of an artifact, if it was ever accepted. */
export function findLocked(locked: readonly LockedArtifact[], identity: ArtifactIdentity): LockedArtifact | undefined {
  return locked.find((entry) => sameArtifact(entry, identity));
}

/** The error of an artifact that is not the one accepted before. */
export function lockMismatch(path: string, locked: LockedArtifact, found: string): KubewrightError {
  return new KubewrightError(
    'artifact-lock-mismatch',
    `${describeArtifact(locked)} is ${found}, but ${path} has ${sumOf(locked)}`,
    {
      hint: `Something upstream, on a mirror or on the way changed. If the change is known and meant, remove that entry from ${path}.`,
    },
  );
}

/** The first artifact that differs from its locked entry, as an error; undefined where all agree. */
export function lockConflict(
  path: string,
  locked: readonly LockedArtifact[],
  artifacts: readonly LockedArtifact[],
): KubewrightError | undefined {
  for (const artifact of artifacts) {
    const entry = findLocked(locked, artifact);
    if (entry !== undefined && sumOf(entry) !== sumOf(artifact)) return lockMismatch(path, entry, sumOf(artifact));
  }
  return undefined;
}

/**
 * Insists on what is locked and records what is new. Written only when something is new: sorted, atomically, and
 * under a lock, so that two runs lose nothing of each other.
 */
export async function enforceLockFile(
  path: string,
  artifacts: readonly LockedArtifact[],
  signal: AbortSignal,
): Promise<void> {
  if (!hasNews(await agreeing(path, artifacts), artifacts)) return;
  await exclusively(`${path}.lock`, { purpose: 'record artifacts', signal }, async () => {
    const current = await agreeing(path, artifacts);
    const news = artifacts.filter((artifact) => findLocked(current, artifact) === undefined);
    const all = [...current, ...news].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
    const content = `${JSON.stringify({ version: 1, artifacts: all }, undefined, 2)}\n`;
    await writeFileAtomically(path, content, { mode: 0o644, doing: 'write artifacts.lock' });
  });
}

const LockFile = z.strictObject({ version: z.literal(1), artifacts: z.array(LockedArtifact) });

async function agreeing(path: string, artifacts: readonly LockedArtifact[]): Promise<readonly LockedArtifact[]> {
  const locked = await readLockFile(path);
  const conflict = lockConflict(path, locked, artifacts);
  if (conflict !== undefined) throw conflict;
  return locked;
}

function hasNews(locked: readonly LockedArtifact[], artifacts: readonly LockedArtifact[]): boolean {
  return artifacts.some((artifact) => findLocked(locked, artifact) === undefined);
}

function sortKey(entry: LockedArtifact): string {
  return [entry.name, entry.version, entry.arch, entry.source, entry.toolchain ?? ''].join('\0');
}

function invalid(path: string, why: string): KubewrightError {
  return new KubewrightError('artifact-lock-invalid', `${path} cannot be read: ${why}`, {
    hint: 'Restore it from version control, or remove it to accept the artifacts of the next run.',
  });
}
