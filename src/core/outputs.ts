import { KubewrightError } from './errors.js';
import type { Step, StepRef } from './step.js';
import { UnknownOutput } from './unknown-output.js';

/** What the steps of one run gave, by id. */
export interface Outputs {
  set(id: string, output: unknown): void;
  /**
   * For a step that asks: only of what it needs (`internal` otherwise, as nothing promises that it is done).
   * Under `plan` throws UnknownOutput for a step that would change something.
   */
  readonly read: (asking: Step, ref: StepRef<unknown>) => unknown;
  /** For whoever ran the graph: undefined where there is none. */
  readonly get: <Output>(ref: StepRef<Output>) => Output | undefined;
}

/** Empty outputs of a run that is about to start. */
export function createOutputs(mode: 'plan' | 'apply'): Outputs {
  const outputs = new Map<string, unknown>();
  return {
    set: (id, output) => void outputs.set(id, output),
    read(asking, ref) {
      if (!asking.needs.includes(ref.id)) {
        throw new KubewrightError('internal', `${asking.id} asked for the output of ${ref.id} without needing it`);
      }
      if (outputs.has(ref.id)) return outputs.get(ref.id);
      if (mode === 'plan') throw new UnknownOutput(ref.id);
      throw new KubewrightError('internal', `${asking.id} asked for the output of ${ref.id}, which has none`);
    },
    // A ref's type is the type of what its step gave.
    get: <Output>(ref: StepRef<Output>) => outputs.get(ref.id) as Output | undefined,
  };
}
