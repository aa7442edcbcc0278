import type { Clock } from '../../src/core/clock.js';

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Goes on by `ms`, calling what falls due in between, in order, with all promises settled before each. */
  advance(ms: number): Promise<void>;
}

/** A clock that shows 0. */
export function createManualClock(): ManualClock {
  const due = new Map<object, { readonly at: number; readonly run: () => void }>();
  let now = 0;
  return {
    now: () => now,
    after(ms, run) {
      const key = {};
      due.set(key, { at: now + ms, run });
      return () => void due.delete(key);
    },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        await settled();
        const [next] = [...due].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
        if (next === undefined) break;
        const [key, { at, run }] = next;
        due.delete(key);
        now = at;
        run();
      }
      now = end;
      await settled();
    },
  };
}

/** Resolves when all promises that wait for nothing but each other have settled. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
