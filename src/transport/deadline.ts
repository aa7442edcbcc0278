import { KubewrightError } from '../core/errors.js';

/** A caller's signal and a time limit as one signal. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** The error to reject with once `signal` has aborted: `interrupted` or `timeout`. */
  error(): KubewrightError;
}

/**
 * Starts a time limit of `timeoutMs` milliseconds beside `signal`. `what` completes the sentences
 * "… was interrupted" and "… took longer than 20 s". Dispose of it, or the timer keeps the process alive.
 */
export function startDeadline(what: string, options: { signal: AbortSignal; timeoutMs: number }): Deadline {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), Math.min(options.timeoutMs, LONGEST_TIMER));
  return {
    signal: AbortSignal.any([options.signal, limit.signal]),
    error: () =>
      options.signal.aborted
        ? new KubewrightError('interrupted', `${what} was interrupted`)
        : new KubewrightError('timeout', `${what} took longer than ${seconds(options.timeoutMs)}`),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

/** "0.5 s", "20 s": for messages. */
export function seconds(ms: number): string {
  return `${ms < 10_000 ? Number((ms / 1000).toFixed(1)) : Math.round(ms / 1000)} s`;
}

/** setTimeout fires at once for anything longer. */
const LONGEST_TIMER = 2 ** 31 - 1;
