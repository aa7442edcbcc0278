import { KubewrightError } from './errors.js';
import type { Step } from './step.js';

/** Whatever a step threw, as an error that says where: on which host and in which step. What it says already is kept. */
export function completeError(error: unknown, step: Step): KubewrightError {
  if (!(error instanceof KubewrightError)) return bug(error, step);
  if (error.host !== undefined && error.step !== undefined) return error;
  const { code, message, hint, command, output, retryable, reported } = error;
  const completed = new KubewrightError(code, message, {
    hint,
    command,
    output,
    retryable,
    reported,
    host: error.host ?? step.host,
    step: error.step ?? step.title,
    cause: error.cause,
  });
  // Where it was thrown is worth more than where it was completed.
  if (error.stack !== undefined) completed.stack = error.stack;
  return completed;
}

/** Steps throw KubewrightErrors; anything else is our own mistake, so the stack is shown. */
function bug(error: unknown, step: Step): KubewrightError {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return new KubewrightError('internal', message, {
    host: step.host,
    step: step.title,
    output: stack
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 10)
      .map((line) => line.trim()),
    cause: error,
  });
}
