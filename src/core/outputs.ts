import { KubewrightError } from './errors.js';
import type { Known, Step, StepRef } from './step.js';
import { UnknownOutput } from './unknown-output.js';

/** What the steps of one run gave, by id. */
export interface Outputs {
  set(id: string, output: unknown): void;
  /** That it failed, or was skipped because another did. */
  fail(id: string, error: KubewrightError): void;
  /**
   * For a step that asks: only of what it waits for (`internal` otherwise, as nothing promises that it is done).
   * Throws the failure of one that it merely comes after.
   * Under `plan` throws UnknownOutput for a step that would change something.
   */
  readonly read: (asking: Step, ref: StepRef<unknown>) => unknown;
  /** For a step that asks: of what it needs or comes after. */
  readonly known: (asking: Step, ref: StepRef<unknown>) => Known<unknown>;
  /** For whoever ran the graph: undefined where there is none. */
  readonly get: <Output>(ref: StepRef<Output>) => Output | undefined;
}

/** Empty outputs of a run that is about to start. */
export function createOutputs(mode: 'plan' | 'apply'): Outputs {
  const outputs = new Map<string, unknown>();
  const failures = new Map<string, KubewrightError>();
  return {
    set: (id, output) => void outputs.set(id, output),
    fail: (id, error) => void failures.set(id, error),
    known(asking, ref) {
      if (!asking.needs.includes(ref.id) && asking.after?.includes(ref.id) !== true) {
        throw new KubewrightError('internal', `${asking.id} asked what became of ${ref.id} without waiting for it`);
      }
      if (outputs.has(ref.id)) return { kind: 'output', output: outputs.get(ref.id) };
      const error = failures.get(ref.id);
      return error === undefined ? { kind: 'unknown' } : { kind: 'failed', error };
    },
    read(asking, ref) {
      if (!asking.needs.includes(ref.id) && asking.after?.includes(ref.id) !== true) {
        throw new KubewrightError('internal', `${asking.id} asked for the output of ${ref.id} without needing it`);
      }
      if (outputs.has(ref.id)) return outputs.get(ref.id);
      const failure = failures.get(ref.id);
      if (failure !== undefined) throw failure;
      if (mode === 'plan') throw new UnknownOutput(ref.id);
      throw new KubewrightError('internal', `${asking.id} asked for the output of ${ref.id}, which has none`);
    },
    // A ref's type is the type of what its step gave.
    get: <Output>(ref: StepRef<Output>) => outputs.get(ref.id) as Output | undefined,
  };
}
