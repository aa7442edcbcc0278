import { KubewrightError } from '../core/errors.js';
import type { GraphResult } from '../core/graph-result.js';
import { nodeStep } from '../engines/native/context.js';
import type { LeavingNode } from '../engines/native/departures.js';
import { forgetNodes } from '../state/store.js';
import type { Operator } from './operator.js';
import type { Workspace } from './workspace.js';

/** Asks before nodes are removed, naming each. Errors: `not-confirmed`. */
export async function confirmLeaving(
  leaving: readonly LeavingNode[],
  { cluster }: Workspace,
  operator: Operator,
  fate: 'removed' | 'replaced' = 'removed',
): Promise<void> {
  if (leaving.length === 0) return;
  const names = leaving.map(({ node }) => node.name).join(', ');
  const machines =
    cluster.provider.kind === 'hosts' ? 'Kubernetes is taken off the machines' : 'the machines are destroyed';
  const what = fate === 'removed' ? 'drained and removed' : 'drained, removed and made anew';
  const agreed = await operator.confirm(
    `${names} will leave ${cluster.name}: ${what}, and ${machines}. Type the cluster's name to go on:`,
    cluster.name,
  );
  if (agreed) return;
  throw new KubewrightError('not-confirmed', `${names} would have to leave ${cluster.name}; nothing was changed`, {
    hint: 'Type the name of the cluster when asked, or give --yes. `kubewright plan` shows all that would be done.',
  });
}

/** Forgets the nodes that are gone, machine and all; the others are tried again by the next run. */
export async function forgetLeft(
  leaving: readonly LeavingNode[],
  result: GraphResult,
  { paths }: Workspace,
): Promise<void> {
  const isDone = (id: string) => {
    const state = result.outcomes.get(id)?.state;
    return state === undefined || state === 'changed' || state === 'unchanged';
  };
  const gone = leaving
    .map(({ node }) => node)
    .filter(
      (node) =>
        isDone(nodeStep(node, 'leave')) && isDone(nodeStep(node, 'reset')) && isDone(`${node.name}/remove-machine`),
    );
  if (gone.length > 0) await forgetNodes(paths, new Set(gone.map(({ name }) => name)));
}
