import type { SerializedError } from '../core/errors.js';
import type { Event, StepEvent } from '../core/events.js';

/** The content of run.json: one run at a glance. */
export interface RunSummary {
  readonly version: 1;
  readonly verb: string;
  readonly cluster: string;
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Absent while it runs, and for ever where it was killed. */
  readonly endedAt?: string | undefined;
  /** Absent where no step was run, or not to the end. */
  readonly result?: 'done' | 'failed' | 'interrupted' | undefined;
  readonly steps: readonly StepSummary[];
  readonly errors: readonly SerializedError[];
}

/** How one step ended. */
export interface StepSummary {
  readonly id: string;
  readonly phase: string;
  readonly host?: string | undefined;
  readonly state: string;
  readonly ms?: number | undefined;
}

/** What a run's events come to. */
export interface RunTally {
  add(event: Event): void;
  summary(): Pick<RunSummary, 'result' | 'steps' | 'errors'>;
}

/** Nothing has happened yet. */
export function createRunTally(): RunTally {
  const steps = new Map<string, StepSummary>();
  const errors: SerializedError[] = [];
  let result: RunSummary['result'];
  return {
    add(event) {
      if (event.type === 'run' && event.state === 'finished') result = event.result;
      if (event.type !== 'step') return;
      const { id, phase, host } = event;
      const ms = 'ms' in event ? event.ms : undefined;
      steps.set(id, { id, phase, host, state: stateOf(event), ms });
      if (event.state === 'failed') errors.push(event.error);
    },
    summary: () => ({ result, steps: [...steps.values()], errors }),
  };
}

function stateOf(event: StepEvent): string {
  return event.state === 'done' ? event.result : event.state;
}
