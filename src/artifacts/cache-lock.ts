import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import { KubewrightError } from '../core/errors.js';
import type { Report } from './report.js';

/**
 * Runs `work` as the only one on this machine that fills the cache: of two runs that want the same artifacts one
 * makes them and the other, told whom it waits for, finds them made. The lock of a killed process is taken over.
 */
export async function withCacheLock<Result>(
  cacheDirectory: string,
  purpose: string,
  options: { readonly signal: AbortSignal; readonly report: Report },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const lost = new AbortController();
  const release = await acquire(cacheDirectory, options, (error) => lost.abort(error));
  const holder = holderPath(cacheDirectory);
  try {
    await writeFile(holder, JSON.stringify({ pid: process.pid, host: hostname(), purpose }));
    return await work(AbortSignal.any([options.signal, lost.signal]));
  } finally {
    await rm(holder, { force: true });
    if (!lost.signal.aborted) await release();
  }
}

/** A holder that stopped renewing its lock for this long is gone; one whose process is known to be gone, sooner. */
const STALE_MS = 30_000;
const STALE_WHEN_DEAD_MS = 2_000;
const POLL_MS = 250;

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly purpose: string;
}

async function acquire(
  cacheDirectory: string,
  options: { readonly signal: AbortSignal; readonly report: Report },
  onCompromised: (error: Error) => void,
): Promise<() => Promise<void>> {
  for (let said = false; ; said = true) {
    const holder = await readHolder(cacheDirectory);
    try {
      return await lockfile.lock(cacheDirectory, {
        lockfilePath: join(cacheDirectory, 'filling.lock'),
        realpath: false,
        stale: holder !== undefined && isDead(holder) ? STALE_WHEN_DEAD_MS : STALE_MS,
        update: 1_000,
        onCompromised,
      });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ELOCKED')) throw error;
    }
    if (!said) {
      const who = holder === undefined ? 'another kubewright' : `process ${holder.pid} (${holder.purpose})`;
      options.report({ kind: 'note', text: `artifacts: waiting for ${who}, which is filling ${cacheDirectory}` });
    }
    await delay(POLL_MS, undefined, { signal: options.signal }).catch(() => {
      throw new KubewrightError('interrupted', `stopped while waiting for the lock of ${cacheDirectory}`);
    });
  }
}

async function readHolder(cacheDirectory: string): Promise<Holder | undefined> {
  try {
    const data: unknown = JSON.parse(await readFile(holderPath(cacheDirectory), 'utf8'));
    return isHolder(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(data: unknown): data is Holder {
  return typeof data === 'object' && data !== null && 'pid' in data && typeof data.pid === 'number' && 'host' in data;
}

function isDead(holder: Holder): boolean {
  if (holder.host !== hostname()) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

function holderPath(cacheDirectory: string): string {
  return join(cacheDirectory, 'filling.json');
}
