import { setMaxListeners } from 'node:events';
import type { Clock } from './clock.js';
import { duration } from './duration.js';
import { KubewrightError } from './errors.js';
import type { Emit } from './events.js';
import type { Interruption } from './interruption.js';
import type { Known, Step, StepContext, StepRef } from './step.js';

/** The parts of a step that have a deadline of their own. A read step has the first one only. */
export type Stage = 'check' | 'apply' | 'verify';

/** What a stage runs in. */
export interface StageSurroundings {
  readonly mode: 'plan' | 'apply';
  readonly clock: Clock;
  readonly emit: Emit;
  readonly interruption: Interruption;
  /** How long a stage may take to end after its signal was aborted, in milliseconds; then it is left behind. */
  readonly graceMs: number;
  /** The output of a step in `needs`; throws where there is none. */
  readonly output: (step: Step, ref: StepRef<unknown>) => unknown;
  /** What became of a step in `needs` or `after`. */
  readonly known: (step: Step, ref: StepRef<unknown>) => Known<unknown>;
}

/**
 * Runs one stage of a step under its deadline. Rejects with `timeout` when that ended it, with `interrupted`
 * when the run was aborted, and else with what the stage threw. A stage that comes to a good end after all, though
 * its signal was aborted, has come to a good end.
 */
export async function runStage<Result>(
  step: Step,
  stage: Stage,
  surroundings: StageSurroundings,
  work: (context: StepContext) => Result | Promise<Result>,
): Promise<Result> {
  const { clock, graceMs, interruption } = surroundings;
  if (interruption.begun) throw interrupted(step);
  const controller = new AbortController();
  // A step may run any number of commands side by side, each listening.
  setMaxListeners(0, controller.signal);
  const heard = new Heard();
  const { context, close } = createContext(step, surroundings, controller.signal, heard);

  let leave = (_reason: KubewrightError) => {};
  const left = new Promise<never>((_, reject) => {
    leave = reject;
  });
  let cancelGrace = () => {};
  const abort = (reason: KubewrightError) => {
    if (controller.signal.aborted) return;
    controller.abort(reason);
    cancelGrace = clock.after(graceMs, () => leave(reason));
  };
  const cancelDeadline = clock.after(step.timeoutMs, () => abort(timeout(step, stage, heard)));
  const unlisten = interruption.listen(() => abort(interrupted(step)));
  try {
    return await Promise.race([(async () => work(context))(), left]);
  } catch (error) {
    throw controller.signal.aborted ? whyEnded(controller.signal.reason, error) : error;
  } finally {
    close();
    cancelDeadline();
    cancelGrace();
    unlisten();
  }
}

/** What a step that is being waited for said last. */
class Heard {
  readonly lines: string[] = [];
  progress = '';

  line(text: string): void {
    this.lines.push(text);
    if (this.lines.length > LINES_KEPT) this.lines.shift();
  }
}

const LINES_KEPT = 10;

function createContext(
  step: Step,
  surroundings: StageSurroundings,
  signal: AbortSignal,
  heard: Heard,
): { context: StepContext; close: () => void } {
  const { id, host } = step;
  let open = true;
  // What a stage that was left behind says later would confuse: its step has ended.
  const emit: Emit = (event) => {
    if (open) surroundings.emit(event);
  };
  const context: StepContext = {
    mode: surroundings.mode,
    signal,
    emit,
    // The type of a ref's output is the type of what its step gave.
    output: <Output>(ref: StepRef<Output>) => surroundings.output(step, ref) as Output,
    known: <Output>(ref: StepRef<Output>) => surroundings.known(step, ref) as Known<Output>,
    line(text, stream = 'stdout') {
      for (const line of text.split(/\r?\n/)) {
        heard.line(line);
        emit({ type: 'output', id, host, stream, line });
      }
    },
    progress(done, total, unit, what) {
      heard.progress = `${done}${total === undefined ? '' : ` of ${total}`} ${unit}${what === undefined ? '' : `, ${what}`}`;
      emit({ type: 'progress', id, done, total, unit, what });
    },
  };
  const close = () => {
    open = false;
  };
  return { context, close };
}

function timeout(step: Step, stage: Stage, heard: Heard): KubewrightError {
  const limit = duration(step.timeoutMs);
  const what = {
    check:
      step.kind === 'read' ? `"${step.title}" did not finish` : `looking whether to "${step.title}" did not finish`,
    apply: `"${step.title}" did not finish`,
    verify: `"${step.title}" was done, but what it should bring about was not seen`,
  }[stage];
  const where = heard.progress === '' ? '' : ` (it was at ${heard.progress})`;
  return new KubewrightError('timeout', `${what} within ${limit}${where}`, {
    host: step.host,
    step: step.title,
    output: [...heard.lines],
    retryable: true,
  });
}

function interrupted(step: Step): KubewrightError {
  return new KubewrightError('interrupted', `"${step.title}" was interrupted`, { host: step.host, step: step.title });
}

/**
 * Why a stage ended whose signal was aborted. What it threw is mostly a consequence ("docker was stopped"); a
 * timeout of its own, though, knows better what was waited for, and the command it waited for is worth telling.
 */
function whyEnded(reason: unknown, thrown: unknown): unknown {
  if (!(reason instanceof KubewrightError) || !(thrown instanceof KubewrightError) || thrown === reason) return reason;
  if (reason.code !== 'timeout') return reason;
  if (thrown.code === 'timeout') return thrown;
  const { code, message, host, step, retryable } = reason;
  return new KubewrightError(code, message, {
    host,
    step,
    retryable,
    command: thrown.command,
    output: thrown.output.length > 0 ? thrown.output : reason.output,
    cause: thrown,
  });
}
