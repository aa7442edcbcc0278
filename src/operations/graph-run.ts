import { KubewrightError } from '../core/errors.js';
import type { Emit } from '../core/events.js';
import type { GraphResult } from '../core/graph-result.js';
import { runGraph } from '../core/scheduler.js';
import type { Step } from '../core/step.js';
import type { Cluster } from '../model/cluster.js';
import type { Operator } from './operator.js';

/** How many of each thing may go on at once. */
const LIMITS: Readonly<Record<string, number>> = { upload: 4, 'machine-create': 8, 'control-plane-join': 1 };

/** Runs a graph for a verb: tells who takes part, and how it ended. */
export async function runSteps(
  steps: readonly Step[],
  options: {
    readonly verb: string;
    readonly mode: 'plan' | 'apply';
    readonly cluster: Cluster;
    readonly operator: Operator;
    readonly emit: Emit;
  },
): Promise<GraphResult> {
  const { verb, mode, cluster, operator, emit } = options;
  emit({
    type: 'run',
    state: 'started',
    verb,
    cluster: cluster.name,
    hosts: cluster.nodes.map(({ name, roles }) => ({ name, role: roles.join(',') })),
    steps: steps.length,
  });
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

/**
 * Throws what went wrong in a run, if anything did: the first error that was not only the consequence of another,
 * with a word on how many more there are.
 */
export function throwFailure(result: GraphResult, verb: string): void {
  if (result.result === 'done') return;
  if (result.result === 'interrupted') {
    throw new KubewrightError('interrupted', `${verb} was interrupted; nothing is lost`, {
      hint: `Run \`kubewright ${verb}\` again: it goes on from where it stood.`,
    });
  }
  const errors = [...result.outcomes.values()].flatMap(({ error }) => (error === undefined ? [] : [error]));
  const [first, ...more] = errors;
  if (first === undefined) throw new Error('the run failed without an error');
  if (more.length === 0 || !(first instanceof KubewrightError)) throw first;
  const others = more.map((error) => `  also: ${error.message.split('\n')[0]}`);
  throw new KubewrightError(first.code, [first.message, ...others].join('\n'), { ...first, cause: first });
}
