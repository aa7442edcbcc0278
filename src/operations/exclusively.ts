import { openJournal } from '../state/journal.js';
import { acquireLock } from '../state/lock.js';
import { writeClusterRecord } from '../state/store.js';
import { hostOwner } from './host-owner.js';
import type { Operator } from './operator.js';
import { openWorkspace, type Workspace } from './workspace.js';

/**
 * Runs an operation that changes a cluster: one operator at a time (errors: `cluster-locked`, naming who holds it),
 * everything it says kept in a run folder, the cluster known to `down` from the first moment on.
 */
export async function exclusively<Result>(
  request: { readonly file: string; readonly verb: string; readonly edit?: ((text: string) => string) | undefined },
  operator: Operator,
  work: (workspace: Workspace, operator: Operator) => Promise<Result>,
): Promise<Result> {
  const owner = hostOwner(request.verb, operator.emit);
  await using workspace = await openWorkspace(request.file, operator, { edit: request.edit, owner });
  const { cluster, paths } = workspace;
  using lock = await acquireLock(paths, { verb: request.verb, emit: operator.emit });
  await using journal = await openJournal(paths, {
    verb: request.verb,
    cluster: cluster.name,
    emit: operator.emit,
    mask: workspace.secrets.mask,
  });
  await writeClusterRecord(paths, cluster, request.file);
  // Whoever lost the lock must not go on beside its new owner.
  const abort = AbortSignal.any([operator.abort, lock.lost]);
  // Awaited here: what `using` holds is let go when this function ends.
  return await work({ ...workspace, emit: journal.emit }, { ...operator, abort });
}
