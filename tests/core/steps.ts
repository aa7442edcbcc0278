import type { Emit, Event } from '../../src/core/events.js';
import type { GraphResult } from '../../src/core/graph-result.js';
import { type GraphOptions, runGraph } from '../../src/core/scheduler.js';
import type { ChangeStep, ReadStep, Step } from '../../src/core/step.js';

/** A read step that gives its id, but for what the test says. */
export function reading(id: string, parts: Partial<ReadStep> = {}): ReadStep {
  return { kind: 'read', ...head(id), read: async () => id, ...parts };
}

/** A change step that finds one difference and mends it, but for what the test says. */
export function changing(id: string, parts: Partial<ChangeStep> = {}): ChangeStep {
  return {
    kind: 'change',
    ...head(id),
    check: () => ({ kind: 'drifted', changes: [{ action: 'create', what: id }] }),
    apply: async () => id,
    ...parts,
  };
}

/** A change step that finds everything as it should be. */
export function current(id: string, parts: Partial<ChangeStep> = {}): ChangeStep {
  return changing(id, { check: () => ({ kind: 'current', output: id }), ...parts });
}

/** Runs steps in apply mode without limits, but for what the test says; the events come along. */
export async function run(
  steps: readonly Step[],
  options: Partial<GraphOptions> = {},
): Promise<GraphResult & { readonly events: readonly Event[] }> {
  const events: Event[] = [];
  const emit: Emit = (event) => void events.push(event);
  const never = new AbortController().signal;
  const result = await runGraph(steps, { mode: 'apply', limits: {}, stop: never, abort: never, emit, ...options });
  return { ...result, events };
}

/** "a: changed", in the order of the steps. */
export function states(result: GraphResult): readonly string[] {
  return [...result.outcomes].map(([id, { state }]) => `${id}: ${state}`);
}

function head(id: string) {
  const [host, name] = id.split('/');
  return {
    id,
    title: `do ${name ?? host}`,
    phase: 'test',
    host: name === undefined ? undefined : host,
    needs: [],
    timeoutMs: 60_000,
  };
}
