import { serializeError } from '../core/errors.js';
import { clusterGraph } from './cluster-graph.js';
import { runSteps } from './graph-run.js';
import { leavingNodes } from './leaving.js';
import type { Operator } from './operator.js';
import type { PlannedStep, PlanResult } from './results.js';
import { openWorkspace } from './workspace.js';

/**
 * What `up` would do, read from the hosts as they are; changes nothing. Errors: those of the config; what goes wrong
 * on a host is part of the result.
 */
export async function plan(request: { readonly file: string }, operator: Operator): Promise<PlanResult> {
  await using workspace = await openWorkspace(request.file, operator);
  const { cluster } = workspace;
  const { steps } = await clusterGraph(workspace, await leavingNodes(workspace));
  const result = await runSteps(steps, { verb: 'plan', mode: 'plan', cluster, operator, emit: workspace.emit });
  const planned = steps.flatMap((step): readonly PlannedStep[] => {
    const outcome = result.outcomes.get(step.id);
    const { id, title, host, phase } = step;
    switch (outcome?.state) {
      case 'drifted':
        return [{ id, title, host, phase, verdict: 'change', changes: outcome.changes }];
      case 'unknown':
        return step.kind === 'change' ? [{ id, title, host, phase, verdict: 'unknown', changes: [] }] : [];
      case 'failed':
        return [{ id, title, host, phase, verdict: 'failed', changes: [], error: serializeError(outcome.error) }];
      default:
        return [];
    }
  });
  return { cluster: cluster.name, steps: planned, unchanged: result.unchanged };
}
