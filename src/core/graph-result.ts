import { KubewrightError } from './errors.js';
import type { Change, StepRef } from './step.js';

/** What became of a graph of steps. */
export interface GraphResult {
  /** `interrupted`: it was stopped or aborted, and steps are left that were not run to their end. */
  readonly result: 'done' | 'failed' | 'interrupted';
  /** By id, in the order of the steps. */
  readonly outcomes: ReadonlyMap<string, StepOutcome>;
  readonly changed: number;
  readonly unchanged: number;
  /** Milliseconds from the first start to the last end. */
  readonly ms: number;
  /** What a step gave; undefined where it gave nothing, failed or did not run. */
  output<Output>(ref: StepRef<Output>): Output | undefined;
}

/** What became of one step. */
export interface StepOutcome {
  readonly state:
    | 'read'
    | 'unchanged'
    | 'changed'
    /** Would be changed: under `plan`, or stopped before it was applied. */
    | 'drifted'
    | 'unknown'
    | 'failed'
    /** A step that it needs failed. */
    | 'skipped'
    | 'not-started';
  /** What was or would be changed. */
  readonly changes: readonly Change[];
  /** Where it failed; the code is `interrupted` where it was aborted. */
  readonly error?: KubewrightError | undefined;
  /** Of `skipped`, the id of the step that failed; of `unknown`, of the step whose output does not exist yet. */
  readonly because?: string | undefined;
  /** Milliseconds since the graph began; absent where it did not run. */
  readonly startedAt?: number | undefined;
  readonly ms: number;
}

/**
 * The error to end with when a graph did not end well, undefined when it did. One failure is given as it is,
 * several as a list; both are marked as reported, since the events told each of them whole.
 */
export function failureOf(result: GraphResult): KubewrightError | undefined {
  if (result.result === 'done') return undefined;
  const outcomes = [...result.outcomes.values()];
  const count = (...states: readonly StepOutcome['state'][]) =>
    outcomes.filter(({ state }) => states.includes(state)).length;
  const errors = outcomes.flatMap(({ error }) => (error === undefined ? [] : [error]));
  if (result.result === 'interrupted') {
    const done = count('read', 'unchanged', 'changed');
    const failures = errors.filter(({ code }) => code !== 'interrupted').length;
    const failed = failures === 0 ? '' : `, ${failures} failed`;
    return new KubewrightError('interrupted', `stopped after ${done} of ${outcomes.length} steps${failed}`, {
      hint: 'Run the same command again: it goes on from here.',
    });
  }
  const [first, ...others] = errors;
  if (first === undefined) return undefined;
  if (others.length === 0) return withReported(first);
  const skipped = count('skipped');
  const list = errors.map((error) => `  ${[error.host, error.step].filter(Boolean).join(' · ')}: ${headline(error)}`);
  const rest = skipped === 0 ? '' : `; ${skipped} that need them were skipped`;
  return new KubewrightError('steps-failed', `${errors.length} steps failed${rest}\n${list.join('\n')}`, {
    reported: true,
    cause: first,
  });
}

function withReported(error: KubewrightError): KubewrightError {
  const { code, message, hint, host, step, command, output, retryable } = error;
  const reported = new KubewrightError(code, message, {
    ...{ hint, host, step, command, output, retryable },
    reported: true,
    cause: error.cause,
  });
  if (error.stack !== undefined) reported.stack = error.stack;
  return reported;
}

function headline(error: KubewrightError): string {
  return error.message.split('\n', 1)[0] ?? '';
}
