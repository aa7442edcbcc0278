import { closeSync, fstatSync, futimesSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { errorCode } from './file-error.js';
import { type LockOwner, parseOwner } from './lock-owner.js';

/*
 * A lock is a file that was created exclusively; its modification time is its owner's heartbeat. All calls are
 * synchronous: they take microseconds, and a process that exits cannot wait.
 */

/** A lock that this process made. */
export interface HeldLock {
  /** Says that the owner is alive. False when the lock is no longer ours: taken over, or removed by hand. */
  beat(): boolean;
  /** Gives it back; leaves it alone when it is no longer ours. */
  release(): void;
}

/** A lock that is there. */
export interface FoundLock {
  /** Tells this acquisition from every other. */
  readonly identity: string;
  /** Undefined while it is being written, or when it is damaged. */
  readonly owner: LockOwner | undefined;
  /** Milliseconds since its last heartbeat. */
  readonly silentMs: number;
}

/** Makes the lock; undefined when there is one. Throws the operating system's errors. */
export function createLock(path: string, owner: LockOwner): HeldLock | undefined {
  const file = createExclusively(path, JSON.stringify(owner));
  if (file === undefined) return undefined;
  return {
    beat() {
      const now = new Date();
      futimesSync(file, now, now);
      return findLock(path)?.identity === owner.id;
    },
    release() {
      closeSync(file);
      // Where this is refused, somebody who believes us dead is taking over right now.
      removeLock(path, owner.id, owner);
    },
  };
}

/** The lock that is there, if any. Throws the operating system's errors. */
export function findLock(path: string): FoundLock | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { mtimeMs, ino } = fstatSync(file);
    const owner = parseOwner(readFileSync(file, 'utf8'));
    return { identity: owner?.id ?? `inode-${ino}`, owner, silentMs: Date.now() - mtimeMs };
  } finally {
    closeSync(file);
  }
}

/**
 * Removes the lock of that identity and no other; false where somebody else is about to. This is done under a
 * claim: a file of its own for each lock that is removed, created exclusively. Without it, of two that find the
 * same stale lock the slower one could remove the lock that the quicker one has made meanwhile.
 */
export function removeLock(path: string, identity: string, remover: LockOwner): boolean {
  const claim = claimPath(path, identity);
  const file = createExclusively(claim, JSON.stringify(remover));
  if (file === undefined) return false;
  try {
    if (findLock(path)?.identity === identity) unlinkSync(path);
  } finally {
    closeSync(file);
    unlinkSync(claim);
  }
  return true;
}

/** The file whose maker may remove the lock of that identity. It looks like a lock itself. */
export function claimPath(path: string, identity: string): string {
  return `${path}.${identity}`;
}

function createExclusively(path: string, content: string): number | undefined {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return undefined;
    throw error;
  }
  try {
    // A disk that becomes full takes a part of it without an error.
    if (writeSync(file, content) === Buffer.byteLength(content)) return file;
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  } catch (error) {
    closeSync(file);
    unlinkSync(path);
    throw error;
  }
}
