import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onExit } from 'signal-exit';
import { duration, wholeSeconds } from '../core/duration.js';
import { KubewrightError } from '../core/errors.js';
import type { Emit } from '../core/events.js';
import { fileError } from './file-error.js';
import { claimPath, createLock, type FoundLock, findLock, type HeldLock, removeLock } from './lock-file.js';
import { describeOwner, type LockOwner, liveness, thisOwner } from './lock-owner.js';
import type { ClusterPaths } from './paths.js';

/** One cluster, held by one operator at a time. Dispose to give it back; every exit of the process does, too. */
export interface ClusterLock extends Disposable {
  /** Aborted when the lock is no longer ours although it was not given back: whoever works under it must end. */
  readonly lost: AbortSignal;
}

/** For whom a lock is taken, and how. */
export interface LockOptions {
  /** What the holder does: "up". Others are told. */
  readonly verb: string;
  readonly emit: Emit;
  /** Milliseconds between two heartbeats. Default: 5 s. */
  readonly heartbeatMs?: number | undefined;
}

/**
 * Takes the lock of a cluster or says at once who has it (`cluster-locked`). A lock whose owner is gone is taken
 * over, with a note: its process has ended, or, where that cannot be told from here, it was silent for 30 s. A
 * process that certainly lives keeps its lock however silent it is: it may be suspended, and will go on some day.
 * Rejects with `state-unwritable` where the file cannot be made.
 */
export async function acquireLock(paths: ClusterPaths, options: LockOptions): Promise<ClusterLock> {
  const owner = thisOwner(options.verb);
  let stale: FoundLock | undefined;
  try {
    mkdirSync(dirname(paths.lock), { recursive: true, mode: 0o700 });
    for (let attempt = 0; attempt < 50; attempt++) {
      const lock = createLock(paths.lock, owner);
      if (lock !== undefined) {
        if (stale !== undefined) options.emit({ type: 'note', level: 'warning', text: takenOver(paths, stale) });
        return hold(lock, paths, options);
      }
      const found = findLock(paths.lock);
      if (found === undefined) continue;
      if (isStale(found)) {
        stale = found;
        clear(paths.lock, found, owner);
      } else if (found.owner !== undefined) {
        throw locked(paths, found, found.owner);
      }
      // Somebody is in the middle of making or removing it, which takes no time.
      if (attempt > 0) await delay(20);
    }
  } catch (error) {
    throw error instanceof KubewrightError ? error : fileError(error, `lock ${paths.cluster}`, paths.lock);
  }
  throw new KubewrightError('cluster-locked', `another kubewright is at work on ${paths.cluster}`, {
    hint: `Wait for it to end. If none runs, remove ${paths.lock}`,
  });
}

/** How long an owner may be silent of whom nothing else can be known. */
const SILENCE_MS = 30_000;

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

function hold(lock: HeldLock, paths: ClusterPaths, { emit, heartbeatMs = 5000 }: LockOptions): ClusterLock {
  const lost = new AbortController();
  const heartbeat = setInterval(() => {
    if (isOurs(lock)) return;
    clearInterval(heartbeat);
    const error = new KubewrightError('cluster-locked', `the lock of ${paths.cluster} was taken away from this run`, {
      hint: 'Look what else is at work on the cluster, then run the same command again.',
    });
    emit({ type: 'note', level: 'warning', text: error.message });
    lost.abort(error);
  }, heartbeatMs);
  // To hold a lock is no reason to go on running.
  heartbeat.unref();

  let released = false;
  const release = () => {
    if (released) return;
    released = true;
    clearInterval(heartbeat);
    stopListening();
    try {
      lock.release();
    } catch {
      // It is found stale as soon as this process has ended.
    }
  };
  const stopListening = onExit(release);
  return { lost: lost.signal, [Symbol.dispose]: release };
}

function isOurs(lock: HeldLock): boolean {
  try {
    return lock.beat();
  } catch {
    // The file system does not answer right now, which says nothing about the lock.
    return true;
  }
}

function locked(paths: ClusterPaths, { silentMs }: FoundLock, owner: LockOwner): KubewrightError {
  const suspended = silentMs > SILENCE_MS ? ` It has been silent for ${wholeSeconds(silentMs)}: is it suspended?` : '';
  return new KubewrightError(
    'cluster-locked',
    `${describeOwner(owner)} is at work on ${paths.cluster}, since ${ago(owner)}.${suspended}`,
    {
      hint: `Wait for it to end, or end it on ${owner.host} with \`kill ${owner.pid}\`; then run the same command again.`,
    },
  );
}

function takenOver(paths: ClusterPaths, { owner, silentMs }: FoundLock): string {
  if (owner === undefined) return `Took over the lock of ${paths.cluster}: it was left unfinished.`;
  const why =
    liveness(owner) === 'dead' ? 'that process has ended' : `it has been silent for ${wholeSeconds(silentMs)}`;
  return `Took over the lock of ${paths.cluster} from ${describeOwner(owner)}: ${why}.`;
}

/** "14:02:05 (3 min 5 s ago)". */
function ago({ started }: LockOwner): string {
  const since = new Date(started);
  return `${since.toLocaleString('sv-SE')} (${duration(Date.now() - since.getTime())} ago)`;
}
