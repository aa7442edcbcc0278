import { type ConvergeOptions, converge } from './converge.js';
import { exclusively } from './exclusively.js';
import { confirmLeaving } from './leave-taking.js';
import { leavingNodes } from './leaving.js';
import type { Operator } from './operator.js';
import type { UpResult } from './results.js';

export interface UpRequest extends ConvergeOptions {
  readonly file: string;
  /** Changes the text of the config, which is written back when it is clear that the run will be made. */
  readonly edit?: ((text: string) => string) | undefined;
}

/**
 * From cluster.yaml to a working cluster: machines, Kubernetes on them, a kubeconfig that was proven by a request.
 * What is right already is left alone; nodes that cluster.yaml does not name any more leave, which is asked before.
 * Errors: those of the config, of preflight, `not-confirmed`, and of the first step that failed.
 */
export async function up(request: UpRequest, asker: Operator): Promise<UpResult> {
  const { file, verb = 'up', edit } = request;
  return exclusively({ file, verb, edit }, asker, async (workspace, operator) => {
    const leaving = await leavingNodes(workspace);
    await confirmLeaving(leaving, workspace, operator);
    await workspace.saveConfig();
    return converge(workspace, operator, leaving, { ...request, verb });
  });
}
