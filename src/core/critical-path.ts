import type { GraphResult } from './graph-result.js';
import type { Step } from './step.js';

/** One step of the chain that a run's duration is made of. */
export interface CriticalStep {
  readonly id: string;
  readonly title: string;
  readonly host?: string | undefined;
  readonly phase: string;
  /** Milliseconds since the run began. */
  readonly startedAt: number;
  readonly ms: number;
  /** Milliseconds between the moment when all it waited for was done and its start: the wait for a place in its pools. */
  readonly waitedMs: number;
}

/**
 * Where the time of a run went: from the step that ended last back through whichever of the steps that it waited for ended last.
 * In the order in which they ran; making any other step quicker would not make the run quicker.
 */
export function criticalPath(result: GraphResult, steps: readonly Step[]): readonly CriticalStep[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const endOf = (id: string): number | undefined => {
    const outcome = result.outcomes.get(id);
    return outcome?.startedAt === undefined ? undefined : outcome.startedAt + outcome.ms;
  };
  const last = (ids: Iterable<string>): string | undefined => {
    let latest: string | undefined;
    for (const id of ids) {
      const end = endOf(id);
      if (end !== undefined && end > (latest === undefined ? -1 : (endOf(latest) ?? -1))) latest = id;
    }
    return latest;
  };

  const path: CriticalStep[] = [];
  let at = last(byId.keys());
  while (at !== undefined) {
    const step = byId.get(at);
    const outcome = result.outcomes.get(at);
    if (step === undefined || outcome?.startedAt === undefined) break;
    const before = last([...step.needs, ...(step.after ?? [])]);
    const readyAt = before === undefined ? 0 : (endOf(before) ?? 0);
    path.unshift({
      id: step.id,
      title: step.title,
      host: step.host,
      phase: step.phase,
      startedAt: outcome.startedAt,
      ms: outcome.ms,
      waitedMs: Math.max(0, outcome.startedAt - readyAt),
    });
    at = before;
  }
  return path;
}
