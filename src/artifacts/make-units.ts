import { randomUUID } from 'node:crypto';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { KubewrightError } from '../core/errors.js';
import { throttledProgress } from './progress.js';
import type { Report } from './report.js';
import {
  mergeResults,
  rememberedResult,
  rememberResult,
  type Unit,
  type UnitContext,
  type UnitResult,
} from './unit.js';

/** How units are made: one after the other (a compiler uses every core itself), or several at once. */
export interface MakeOptions {
  readonly cacheDirectory: string;
  readonly atOnce: number;
  readonly signal: AbortSignal;
  readonly report: Report;
  /** Is progress counted in units that are done, or in bytes that have arrived? */
  readonly progress: 'items' | 'bytes';
  /** May this remembered result be used? Default: yes. */
  readonly accept?: ((result: UnitResult) => boolean) | undefined;
}

/**
 * Gives the merged result of all units, making those that are not remembered. To be called with the cache's lock
 * held. Each finished unit is remembered at once, so whatever ends this, the next call goes on with the rest.
 */
export async function makeUnits(units: readonly Unit[], options: MakeOptions): Promise<UnitResult> {
  const { cacheDirectory, signal, accept = () => true } = options;
  const found = await Promise.all(units.map((unit) => rememberedResult(cacheDirectory, unit, signal)));
  const remembered = found.map((result) => (result !== undefined && accept(result) ? result : undefined));
  const missing = units.filter((_, index) => remembered[index] === undefined);
  await requireSpace(cacheDirectory, missing);
  if (options.progress === 'items' && missing.length > 0) {
    const text = `artifacts: building ${missing.length} of ${units.length} components from source; interrupted, it goes on with what is left`;
    options.report({ kind: 'note', text });
  }
  // What a killed run left behind; nobody else is here, since the cache is locked.
  const workshop = join(cacheDirectory, 'work');
  await rm(workshop, { recursive: true, force: true, maxRetries: 5 });

  // A name of its own: a compiler that outlived a killed run must not write into this one's folders.
  const run = randomUUID();

  const progress = throttledProgress(options, units.length);
  const results = [...remembered];
  let next = 0;
  const worker = async (stop: AbortSignal) => {
    for (let index = next++; index < units.length; index = next++) {
      const unit = units[index];
      if (unit === undefined || results[index] !== undefined) {
        progress.unitDone();
        continue;
      }
      stop.throwIfAborted();
      const directory = join(workshop, run, `${index}`);
      await mkdir(directory, { recursive: true });
      const context: UnitContext = { directory, cacheDirectory, signal: stop, ...progress.forUnit(unit.title) };
      const result = await unit.make(context);
      await rememberResult(cacheDirectory, unit, result);
      await rm(directory, { recursive: true, force: true });
      results[index] = result;
      progress.unitDone();
    }
  };
  try {
    await allOrStop(options.atOnce, signal, worker);
  } finally {
    await rm(workshop, { recursive: true, force: true, maxRetries: 5 });
  }
  return mergeResults(results.filter((result) => result !== undefined));
}

/** Runs workers side by side; the first failure stops the others, which are waited for, and is what rejects. */
async function allOrStop(
  count: number,
  signal: AbortSignal,
  worker: (stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  let first: unknown;
  await Promise.all(
    Array.from({ length: count }, () =>
      worker(stop).catch((error: unknown) => {
        first ??= error;
        failure.abort();
      }),
    ),
  );
  if (first !== undefined) throw first;
}

async function requireSpace(cacheDirectory: string, units: readonly Unit[]): Promise<void> {
  const needed = units.reduce((sum, unit) => sum + unit.space, 0);
  const { bavail, bsize } = await statfs(cacheDirectory);
  const free = bavail * bsize;
  if (free >= needed) return;
  throw new KubewrightError(
    'disk-full',
    `obtaining ${units.length} artifacts needs about ${gigabytes(needed)} of space for ${cacheDirectory}, which has ${gigabytes(free)}`,
    { hint: 'Free some, or let KUBEWRIGHT_CACHE_DIR name a folder on a larger disk.' },
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
