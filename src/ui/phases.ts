import type { StepEvent } from '../core/events.js';
import type { Announcement } from './view.js';

/** Counts the steps of each phase, so that its end can be told. */
export interface Phases {
  start(phase: string, host: string | undefined, at: number): 'announced' | 'unannounced';
  /** What is to be said now that a step of the phase has ended. */
  end(phase: string, event: StepEvent, at: number): readonly Announcement[];
  /** What is to be said at the end of the run: phases of which nobody knew how many steps they have. */
  rest(): readonly Announcement[];
}

/** Phases with as many steps as the run announced. Where it announced none, all of them end with the run. */
export function createPhases(announced: readonly { readonly name: string; readonly steps: number }[]): Phases {
  const phases = new Map<string, Phase>(announced.map(({ name, steps }) => [name, newPhase(name, steps)]));
  const find = (name: string): Phase => {
    const known = phases.get(name) ?? newPhase(name);
    phases.set(name, known);
    return known;
  };
  return {
    start(name, host, at) {
      const phase = find(name);
      phase.running += 1;
      phase.startedAt ??= at;
      if (host !== undefined) phase.hosts.add(host);
      return phase.total === undefined && announced.length > 0 ? 'unannounced' : 'announced';
    },
    end(name, event, at) {
      const phase = find(name);
      // A skipped step was never started.
      if (event.state !== 'skipped') phase.running -= 1;
      else if (event.host !== undefined) phase.hosts.add(event.host);
      phase.ended += 1;
      phase.endedAt = at;
      count(phase, event);
      const isOver =
        phase.total === undefined ? announced.length > 0 && phase.running <= 0 : phase.ended >= phase.total;
      return isOver ? close(phase) : [];
    },
    rest: () => [...phases.values()].filter(({ total, ended }) => total === undefined && ended > 0).flatMap(close),
  };
}

interface Phase {
  readonly name: string;
  readonly total: number | undefined;
  readonly hosts: Set<string>;
  running: number;
  ended: number;
  startedAt: number | undefined;
  endedAt: number;
  changed: number;
  drifted: number;
  failed: number;
  skipped: number;
  unknown: number;
}

function newPhase(name: string, total?: number): Phase {
  return { name, total, hosts: new Set(), startedAt: undefined, endedAt: 0, ...NONE };
}

const NONE = { running: 0, ended: 0, changed: 0, drifted: 0, failed: 0, skipped: 0, unknown: 0 } as const;

function count(phase: Phase, event: StepEvent): void {
  if (event.state === 'done' && event.result === 'changed') phase.changed += 1;
  else if (event.state === 'drifted') phase.drifted += 1;
  else if (event.state === 'failed') phase.failed += 1;
  else if (event.state === 'skipped') phase.skipped += 1;
  else if (event.state === 'unknown') phase.unknown += 1;
}

/** Says it, and forgets what was said: an unannounced phase may begin once more. Where all was skipped, nothing was finished. */
function close(phase: Phase): readonly Announcement[] {
  const { name, hosts, startedAt, ended, endedAt, changed, drifted, failed, skipped, unknown } = phase;
  const ms = startedAt === undefined ? 0 : endedAt - startedAt;
  const said = { kind: 'phase', name, hosts: hosts.size, ms, changed, drifted, failed, skipped, unknown } as const;
  hosts.clear();
  Object.assign(phase, NONE, { startedAt: undefined });
  return skipped === ended ? [] : [said];
}
