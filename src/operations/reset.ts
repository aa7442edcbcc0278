import { KubewrightError } from '../core/errors.js';
import { kubeconfigPath, removeFromFile } from '../kube/kubeconfig-file.js';
import { openJournal } from '../state/journal.js';
import { acquireLock } from '../state/lock.js';
import { statePaths } from '../state/paths.js';
import { forgetNodes } from '../state/store.js';
import { type ClusterChoice, clusterNamed } from './cluster-named.js';
import { runSteps, throwFailure } from './graph-run.js';
import { hostOwner } from './host-owner.js';
import type { Operator } from './operator.js';
import { hostResets } from './reset-hosts.js';
import type { ResetResult } from './results.js';
import { openWorkspaceOf } from './workspace.js';

export interface ResetRequest extends ClusterChoice {
  readonly kubeconfig?: string | undefined;
  /** Hosts that do not answer are left out, with a note. Default: false, they are an error; the others are reset all the same. */
  readonly forceUnreachable?: boolean | undefined;
}

/**
 * Takes Kubernetes off all machines of the cluster, those included that have left cluster.yaml and are not known to be
 * gone, and tells what is left on each and why. The machines stay, and so does the state folder: `up` makes the cluster
 * anew. Asks first. Errors: `not-confirmed`, `cluster-absent`, `node-unreachable`, and that of the first step that failed.
 */
export async function reset(request: ResetRequest, asker: Operator): Promise<ResetResult> {
  const { forceUnreachable = false } = request;
  const cluster = await clusterNamed(request, 'reset');
  const paths = statePaths(cluster.name);
  const agreed = await asker.confirm(
    `This will take Kubernetes off all machines of ${cluster.name}, with all data of the cluster. Type its name to go on:`,
    cluster.name,
  );
  if (!agreed) {
    throw new KubewrightError('not-confirmed', `Cluster ${cluster.name} was not reset`, {
      hint: 'Type the name of the cluster when asked, or give --yes.',
    });
  }
  using lock = await acquireLock(paths, { verb: 'reset', emit: asker.emit });
  await using workspace = await openWorkspaceOf(cluster, request.file ?? '', asker, hostOwner('reset', asker.emit));
  await using journal = await openJournal(paths, {
    verb: 'reset',
    cluster: cluster.name,
    emit: asker.emit,
    mask: workspace.secrets.mask,
  });
  // Whoever lost the lock must not go on beside its new owner.
  const operator = { ...asker, abort: AbortSignal.any([asker.abort, lock.lost]) };
  const resets = await hostResets(workspace, { forceUnreachable });
  const result = await runSteps(resets.steps, {
    ...{ verb: 'reset', mode: 'apply', cluster, operator, emit: journal.emit },
    leaving: resets.nodes.filter(({ name }) => !cluster.nodes.some((node) => node.name === name)),
  });
  await forgetNodes(paths, resets.gone(result));
  throwFailure(result);
  const path = await kubeconfigPath(request.kubeconfig);
  const removed = (await removeFromFile(path, cluster.name)) ? [`context ${cluster.name} in ${path}`] : [];
  return { cluster: cluster.name, hosts: resets.report(result), removed };
}
