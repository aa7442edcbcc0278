import { serializeError } from './errors.js';
import type { RunEvent, StepEvent } from './events.js';
import type { Step } from './step.js';
import type { StepEnd } from './step-run.js';

/** The part of a step's events that never changes. */
export function about(step: Step): Pick<StepEvent, 'type' | 'id' | 'title' | 'phase' | 'host'> {
  return { type: 'step', id: step.id, title: step.title, phase: step.phase, host: step.host };
}

/** The event of a step's end, `ms` after its start. */
export function endEvent(step: Step, end: StepEnd, ms: number): StepEvent {
  switch (end.state) {
    case 'read':
    case 'unchanged':
    case 'changed':
      return { ...about(step), state: 'done', result: end.state, ms };
    case 'drifted':
      return { ...about(step), state: 'drifted', changes: end.changes };
    case 'unknown':
      return { ...about(step), state: 'unknown', because: end.because, ms };
    case 'failed':
      return { ...about(step), state: 'failed', error: serializeError(end.error), ms };
  }
}

/** The event that begins the run of a graph: with everything that a view wants to know beforehand. */
export function runStarted(
  verb: string,
  cluster: string,
  hosts: readonly { readonly name: string; readonly role: string }[],
  steps: readonly Step[],
): RunEvent {
  const ofHost = countBy(steps, ({ host }) => host);
  const ofPhase = countBy(steps, ({ phase }) => phase);
  return {
    type: 'run',
    state: 'started',
    verb,
    cluster,
    hosts: hosts.map(({ name, role }) => ({ name, role, steps: ofHost.get(name) ?? 0 })),
    steps: steps.length,
    phases: [...ofPhase].map(([name, count]) => ({ name, steps: count })),
  };
}

function countBy<Key>(steps: readonly Step[], keyOf: (step: Step) => Key): ReadonlyMap<Key, number> {
  const counts = new Map<Key, number>();
  for (const step of steps) counts.set(keyOf(step), (counts.get(keyOf(step)) ?? 0) + 1);
  return counts;
}
