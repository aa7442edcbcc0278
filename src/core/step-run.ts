import type { KubewrightError } from './errors.js';
import type { Change, ChangeStep, Step, StepContext } from './step.js';
import { completeError } from './step-error.js';
import { about } from './step-events.js';
import { runStage, type StageSurroundings } from './step-stage.js';
import { missingOutputOf } from './unknown-output.js';

/** How one step ended. `output` is what its dependants read. */
export type StepEnd =
  | { readonly state: 'read' | 'unchanged'; readonly output: unknown }
  | { readonly state: 'changed'; readonly output: unknown; readonly changes: readonly Change[] }
  | { readonly state: 'drifted'; readonly changes: readonly Change[] }
  /** `because`: the id of the step whose output does not exist yet. */
  | { readonly state: 'unknown'; readonly because: string }
  | { readonly state: 'failed'; readonly error: KubewrightError; readonly changes: readonly Change[] };

/** What a step runs in. */
export interface StepSurroundings extends StageSurroundings {
  /** Was it said to start nothing new? A step that has only looked so far then changes nothing. */
  stopping(): boolean;
}

/**
 * Runs one step to its end: reads, or checks and, in apply mode where the state differs, applies and verifies.
 * Emits how far it is; how it ended is for the caller to tell. Never rejects.
 */
export async function runStep(step: Step, surroundings: StepSurroundings): Promise<StepEnd> {
  const changes: Change[] = [];
  try {
    surroundings.emit({ ...about(step), state: 'checking' });
    if (step.kind === 'read') {
      const output = await runStage(step, 'check', surroundings, (context) => step.read(context));
      return { state: 'read', output };
    }
    const verdict = await runStage(step, 'check', surroundings, (context) => step.check(context));
    if (verdict.kind === 'current') return { state: 'unchanged', output: verdict.output };
    changes.push(...verdict.changes);
    if (surroundings.mode === 'plan' || surroundings.stopping()) return { state: 'drifted', changes };
    surroundings.emit({ ...about(step), state: 'drifted', changes });
    surroundings.emit({ ...about(step), state: 'applying' });
    return { state: 'changed', output: await change(step, surroundings, changes), changes };
  } catch (error) {
    const because = surroundings.mode === 'plan' ? missingOutputOf(error) : undefined;
    if (because !== undefined) return { state: 'unknown', because };
    return { state: 'failed', error: completeError(error, step), changes };
  }
}

async function change(step: ChangeStep, surroundings: StepSurroundings, changes: readonly Change[]): Promise<unknown> {
  const output = await runStage(step, 'apply', surroundings, (context) => step.apply(context, changes));
  if (step.verify === undefined) return output;
  await runStage(step, 'verify', surroundings, async (context: StepContext) => step.verify?.(context, output));
  return output;
}
