import type { Emit } from '../core/events.js';
import type { GraphResult } from '../core/graph-result.js';
import { failureOf } from '../core/graph-result.js';
import { runGraph } from '../core/scheduler.js';
import type { Step } from '../core/step.js';
import { runStarted } from '../core/step-events.js';
import type { Cluster, NodeSpec } from '../model/cluster.js';
import type { Operator } from './operator.js';

/** How many of each thing may go on at once. */
const LIMITS: Readonly<Record<string, number>> = { upload: 4, 'machine-create': 8, membership: 1 };

/** Runs a graph for a verb: tells who takes part, and how it ended. */
export async function runSteps(
  steps: readonly Step[],
  options: {
    readonly verb: string;
    readonly mode: 'plan' | 'apply';
    readonly cluster: Cluster;
    readonly operator: Operator;
    readonly emit: Emit;
    /** Nodes that take part and that cluster.yaml does not name any more. */
    readonly leaving?: readonly NodeSpec[] | undefined;
  },
): Promise<GraphResult> {
  const { verb, mode, cluster, operator, emit } = options;
  const hosts = [...cluster.nodes, ...(options.leaving ?? [])].map(({ name, roles }) => ({
    name,
    role: roles.join(','),
  }));
  emit(runStarted(verb, cluster.name, hosts, steps));
  const result = await runGraph(steps, { mode, limits: LIMITS, stop: operator.stop, abort: operator.abort, emit });
  emit({
    type: 'run',
    state: 'finished',
    result: result.result,
    changed: result.changed,
    unchanged: result.unchanged,
    ms: result.ms,
  });
  return result;
}

/** Throws what went wrong in a run, if anything did. */
export function throwFailure(result: GraphResult): void {
  const failure = failureOf(result);
  if (failure !== undefined) throw failure;
}
