import { setTimeout as sleep } from 'node:timers/promises';
import { KubewrightError } from '../core/errors.js';

/**
 * Asks until the answer is not undefined, then gives it. Failures of the question that may pass
 * (`retryable`) count as "not yet". Errors: `timeout`, naming what was waited for and the last failure.
 */
export async function untilFound<T>(
  what: string,
  timeoutMs: number,
  signal: AbortSignal,
  ask: () => Promise<T | undefined>,
  pollMs = 150,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last = '';
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      last = '';
    } catch (error) {
      if (!(error instanceof KubewrightError && error.retryable)) throw error;
      last = `. The last try said: ${error.message}`;
    }
    if (performance.now() >= deadline) {
      throw new KubewrightError('timeout', `Waited ${timeoutMs / 1000} s for ${what}${last}`);
    }
    await sleep(pollMs, undefined, { signal });
  }
}
