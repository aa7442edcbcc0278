import pRetry from 'p-retry';

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** Milliseconds before the second attempt; each wait is up to twice as long by chance, so that many do not come at once. */
  readonly delayMs: number;
  /** Longest wait between attempts. */
  readonly longestMs: number;
  /** Grows the wait with each attempt. Default 2; 1 polls. */
  readonly factor?: number | undefined;
  /** Is it worth another try? */
  readonly when: (error: Error) => boolean;
  /** Told each failure that is going to be followed by another try. */
  readonly onRetry?: ((error: Error) => void) | undefined;
}

/** Tries until it works, `when` says no, or the signal aborts. Rejects with what went wrong last, never with the signal's reason. */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  let last: Error | undefined;
  try {
    return await pRetry(attempt, {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: options.delayMs,
      maxTimeout: options.longestMs,
      factor: options.factor ?? 2,
      randomize: true,
      signal: options.signal,
      onFailedAttempt: ({ error }) => {
        // An attempt that the end of the time has cut short says less than the one before it.
        if (last === undefined || !options.signal.aborted) last = error;
      },
      shouldRetry({ error }) {
        if (!options.when(error)) return false;
        options.onRetry?.(error);
        return true;
      },
    });
  } catch (error) {
    throw last ?? error;
  }
}
