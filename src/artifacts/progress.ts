import type { Report } from './report.js';
import type { UnitContext } from './unit.js';

/** Turns what units say into progress, at most one report in 100 ms. */
export function throttledProgress(
  options: { readonly report: Report; readonly progress: 'items' | 'bytes' },
  units: number,
): UnitProgress {
  const { report } = options;
  const arrived = new Map<string, { done: number; total: number | undefined }>();
  let finished = 0;
  let last = 0;
  const say = (what: string | undefined, always = false) => {
    const now = performance.now();
    if (!always && now - last < INTERVAL_MS) return;
    last = now;
    if (options.progress === 'items') {
      report({ kind: 'progress', done: finished, total: units, unit: 'items', what });
      return;
    }
    const sizes = [...arrived.values()];
    const done = sizes.reduce((sum, size) => sum + size.done, 0);
    report({ kind: 'progress', done, unit: 'bytes', what });
  };
  return {
    unitDone() {
      finished += 1;
      say(undefined, true);
    },
    forUnit(title) {
      say(title, true);
      return {
        onStep: (what) => say(`${title}: ${what}`),
        onLine: (text) => report({ kind: 'line', text }),
        onBytes(name, done, total) {
          arrived.set(name, { done, total });
          say(name, done === total);
        },
      };
    },
  };
}

export interface UnitProgress {
  unitDone(): void;
  forUnit(title: string): Pick<UnitContext, 'onStep' | 'onLine' | 'onBytes'>;
}

const INTERVAL_MS = 100;
