import { KubewrightError } from '../core/errors.js';

/** Runs `work`; whatever it rejects with once `signal` is aborted becomes the one error of an interruption. */
export async function interruptible<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  try {
    signal.throwIfAborted();
    return await work();
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new KubewrightError('interrupted', 'stopped while obtaining artifacts', {
      hint: 'What is complete is kept: run the same command again to go on.',
      cause: error,
    });
  }
}
