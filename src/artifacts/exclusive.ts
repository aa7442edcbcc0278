import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KubewrightError } from '../core/errors.js';
import { fileError } from '../state/file-error.js';
import { claimPath, createLock, type FoundLock, findLock, type HeldLock, removeLock } from '../state/lock-file.js';
import { type LockOwner, liveness, thisOwner } from '../state/lock-owner.js';

export interface ExclusiveOptions {
  /** What the holder does; others that wait are told. */
  readonly purpose: string;
  readonly signal: AbortSignal;
  /** Called once when somebody else holds the lock. */
  readonly onWait?: ((owner: LockOwner) => void) | undefined;
}

/**
 * Runs `work` as the only one that holds the lock file `path`, of all processes that share the file system, and waits
 * for whoever holds it. The lock of a process that ended is taken over; one whose process cannot be seen from here
 * (another container, another machine) when it was silent for 30 s. `work` gets a signal that is also aborted when
 * the lock is lost.
 */
export async function exclusively<Result>(
  path: string,
  options: ExclusiveOptions,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const lock = await acquire(path, options);
  const lost = new AbortController();
  const heartbeat = setInterval(() => {
    if (!lock.beat()) lost.abort(new KubewrightError('interrupted', `the lock ${path} was taken away from this run`));
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work(AbortSignal.any([options.signal, lost.signal]));
  } finally {
    clearInterval(heartbeat);
    lock.release();
  }
}

const HEARTBEAT_MS = 5_000;
const SILENCE_MS = 30_000;
const POLL_MS = 200;

async function acquire(path: string, options: ExclusiveOptions): Promise<HeldLock> {
  const owner = thisOwner(options.purpose);
  let waiting = false;
  for (;;) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      const lock = createLock(path, owner);
      if (lock !== undefined) return lock;
      const found = findLock(path);
      if (found === undefined) continue;
      if (isStale(found)) {
        clear(path, found, owner);
      } else if (found.owner !== undefined && !waiting) {
        waiting = true;
        options.onWait?.(found.owner);
      }
    } catch (error) {
      throw fileError(error, 'lock artifacts', path);
    }
    await delay(POLL_MS, undefined, { signal: options.signal }).catch(() => {
      throw new KubewrightError('interrupted', `stopped while waiting for ${path}`);
    });
  }
}

function isStale({ owner, silentMs }: FoundLock): boolean {
  const life = owner === undefined ? 'unknown' : liveness(owner);
  return life === 'dead' || (life === 'unknown' && silentMs > SILENCE_MS);
}

/** Removes a stale lock. Where somebody died over that very work, removes what they left of it. */
function clear(path: string, stale: FoundLock, owner: LockOwner): void {
  if (removeLock(path, stale.identity, owner)) return;
  const claim = claimPath(path, stale.identity);
  const found = findLock(claim);
  if (found !== undefined && isStale(found)) clear(claim, found, owner);
}
