import { KubewrightError } from './errors.js';
import type { Step } from './step.js';

/**
 * Places that steps take while they run. `take` answers whether the step may run now; if not, the step waits
 * in the queue of a pool that is full. `release` gives a step's places back and returns the steps that got
 * theirs by it: they hold them already and are to be started.
 *
 * Whoever waits does so in a full pool, so when nothing runs nothing waits: there is no deadlock.
 */
export interface LimitPools {
  take(place: number): boolean;
  release(place: number): readonly number[];
}

/** Pools of the given sizes. Rejects (`internal`) a step that names a pool without one, and a pool without room. */
export function createLimitPools(steps: readonly Step[], limits: Readonly<Record<string, number>>): LimitPools {
  const pools = new Map<string, Pool>();
  for (const [name, size] of Object.entries(limits)) {
    if (!(size >= 1)) throw new KubewrightError('internal', `the limit ${name} is ${size}: nothing could ever run`);
    pools.set(name, { free: Math.floor(size), waiting: [] });
  }
  const poolsOf = steps.map((step) =>
    [...new Set(step.limits)].map((name) => {
      const pool = pools.get(name);
      if (pool !== undefined) return pool;
      throw new KubewrightError('internal', `${step.id} is limited by ${name}, which has no size`);
    }),
  );

  const take = (place: number): boolean => {
    const own = poolsOf[place] ?? [];
    const full = own.find((pool) => pool.free === 0);
    if (full !== undefined) {
      full.waiting.push(place);
      return false;
    }
    for (const pool of own) pool.free -= 1;
    return true;
  };

  return {
    take,
    release(place) {
      const started: number[] = [];
      for (const pool of poolsOf[place] ?? []) {
        pool.free += 1;
        // One that still finds another pool full moves into that one's queue, and the next may try.
        while (pool.free > 0) {
          const next = pool.waiting.shift();
          if (next === undefined) break;
          if (take(next)) started.push(next);
        }
      }
      return started;
    },
  };
}

interface Pool {
  free: number;
  /** First come, first served. */
  readonly waiting: number[];
}
