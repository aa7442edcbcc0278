import { KubewrightError } from './errors.js';
import type { Step } from './step.js';

/** Steps with their needs resolved. All numbers are places in `steps`, which keeps the given order. */
export interface Graph {
  readonly steps: readonly Step[];
  /** By place: the steps that it needs, each once. */
  readonly needs: readonly (readonly number[])[];
  /** By place: the steps that need it, in the given order. */
  readonly dependants: readonly (readonly number[])[];
}

/**
 * Resolves the needs of steps. Rejects (`internal`: whoever made the steps is wrong, never the user) two steps
 * of one id, needs that no step answers, and cycles; each is named. Linear in steps and needs.
 */
export function buildGraph(steps: readonly Step[]): Graph {
  const problems: string[] = [];
  const places = new Map<string, number>();
  for (const [place, { id }] of steps.entries()) {
    if (places.has(id)) problems.push(`two steps are called ${id}`);
    else places.set(id, place);
  }
  const dependants: number[][] = steps.map(() => []);
  const needs = steps.map((step, place) => {
    const resolved: number[] = [];
    for (const need of new Set(step.needs)) {
      const needed = places.get(need);
      if (needed === undefined) {
        problems.push(`${step.id} needs ${need}, which is not a step`);
        continue;
      }
      resolved.push(needed);
      dependants[needed]?.push(place);
    }
    return resolved;
  });
  refuse(problems);
  const graph = { steps, needs, dependants };
  const cycle = findCycle(graph);
  if (cycle !== undefined) refuse([`steps wait for each other: ${cycle.join(' needs ')}`]);
  return graph;
}

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const shown = problems.slice(0, 10);
  if (shown.length < problems.length) shown.push(`and ${problems.length - shown.length} more`);
  throw new KubewrightError('internal', `the graph of steps is wrong: ${shown.join('; ')}`);
}

/** Ids along one cycle, the first again at the end. */
function findCycle({ steps, needs, dependants }: Graph): readonly string[] | undefined {
  const unmet = needs.map((own) => own.length);
  const free = [...unmet.keys()].filter((place) => unmet[place] === 0);
  // Grows while it is walked: what becomes free is appended.
  for (const place of free) {
    for (const dependant of dependants[place] ?? []) {
      const left = (unmet[dependant] ?? 0) - 1;
      unmet[dependant] = left;
      if (left === 0) free.push(dependant);
    }
  }
  if (free.length === steps.length) return undefined;

  // Every step left over needs another one left over: following any of these ends in a cycle.
  const path: number[] = [];
  const seen = new Map<number, number>();
  let at = unmet.findIndex((left) => left > 0);
  for (;;) {
    const start = seen.get(at);
    if (start !== undefined) return [...path.slice(start), at].map((place) => steps[place]?.id ?? '');
    seen.set(at, path.length);
    path.push(at);
    at = needs[at]?.find((need) => (unmet[need] ?? 0) > 0) ?? at;
  }
}
