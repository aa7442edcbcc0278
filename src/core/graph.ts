import { KubewrightError } from './errors.js';
import type { Step } from './step.js';

/** Steps with what they wait for resolved. All numbers are places in `steps`, which keeps the given order. */
export interface Graph {
  readonly steps: readonly Step[];
  /** By place: the steps that it needs, each once. */
  readonly needs: readonly (readonly number[])[];
  /** By place: the steps that need it, in the given order. */
  readonly dependants: readonly (readonly number[])[];
  /** By place: the steps that it comes after without needing them, each once. */
  readonly after: readonly (readonly number[])[];
  /** By place: the steps that come after it without needing it, in the given order. */
  readonly followers: readonly (readonly number[])[];
}

/**
 * Resolves the needs of steps. Rejects (`internal`: whoever made the steps is wrong, never the user) two steps
 * of one id, names of steps that there are not, and cycles; each is named. Linear in steps and what they wait for.
 */
export function buildGraph(steps: readonly Step[]): Graph {
  const problems: string[] = [];
  const places = new Map<string, number>();
  for (const [place, { id }] of steps.entries()) {
    if (places.has(id)) problems.push(`two steps are called ${id}`);
    else places.set(id, place);
  }
  const resolve = (step: Step, place: number, ids: Iterable<string>, verb: string, back: number[][]) => {
    const resolved: number[] = [];
    for (const id of new Set(ids)) {
      const other = places.get(id);
      if (other === undefined) {
        problems.push(`${step.id} ${verb} ${id}, which is not a step`);
        continue;
      }
      resolved.push(other);
      back[other]?.push(place);
    }
    return resolved;
  };
  const dependants: number[][] = steps.map(() => []);
  const followers: number[][] = steps.map(() => []);
  const needs = steps.map((step, place) => resolve(step, place, step.needs, 'needs', dependants));
  // Whoever needs a step comes after it anyway.
  const after = steps.map((step, place) => {
    const only = (step.after ?? []).filter((id) => !step.needs.includes(id));
    return resolve(step, place, only, 'comes after', followers);
  });
  refuse(problems);
  const graph = { steps, needs, dependants, after, followers };
  const cycle = findCycle(graph);
  if (cycle !== undefined) refuse([`steps wait for each other: ${cycle.join(' needs ')}`]);
  return graph;
}

/** The places of all steps that wait for this one. */
function waitingFor({ dependants, followers }: Graph, place: number): readonly number[] {
  return [...(dependants[place] ?? []), ...(followers[place] ?? [])];
}

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const shown = problems.slice(0, 10);
  if (shown.length < problems.length) shown.push(`and ${problems.length - shown.length} more`);
  throw new KubewrightError('internal', `the graph of steps is wrong: ${shown.join('; ')}`);
}

/** Ids along one cycle, the first again at the end. */
function findCycle(graph: Graph): readonly string[] | undefined {
  const { steps } = graph;
  const needs = graph.needs.map((own, place) => [...own, ...(graph.after[place] ?? [])]);
  const unmet = needs.map((own) => own.length);
  const free = [...unmet.keys()].filter((place) => unmet[place] === 0);
  // Grows while it is walked: what becomes free is appended.
  for (const place of free) {
    for (const dependant of waitingFor(graph, place)) {
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
