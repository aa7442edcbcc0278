import { rm } from 'node:fs/promises';
import { KubewrightError } from '../core/errors.js';
import { resetStep } from '../engines/native/reset.js';
import { kubeconfigPath, removeFromFile } from '../kube/kubeconfig-file.js';
import type { Cluster } from '../model/cluster.js';
import { acquireLock } from '../state/lock.js';
import { statePaths } from '../state/paths.js';
import { readClusterRecord } from '../state/store.js';
import { runSteps, throwFailure } from './graph-run.js';
import { hostOwner } from './host-owner.js';
import type { Operator } from './operator.js';
import type { DownResult } from './results.js';
import { clusterOf, openWorkspaceOf } from './workspace.js';

export interface DownRequest {
  readonly file?: string;
  /** By name, where the config file is lost: what `up` remembered is used. */
  readonly cluster?: string;
  readonly kubeconfig?: string;
}

/**
 * Removes the machines that were made for the cluster, its context in the kubeconfig and its state. Machines that existed
 * before (`hosts`) stay, with Kubernetes taken off them. Asks first. Errors: `not-confirmed`, `cluster-absent`.
 */
export async function down(request: DownRequest, operator: Operator): Promise<DownResult> {
  const cluster = await clusterToRemove(request);
  const paths = statePaths(cluster.name);
  const what = cluster.provider.kind === 'hosts' ? 'take Kubernetes off its hosts' : 'destroy its machines';
  const agreed = await operator.confirm(
    `This will ${what} and remove all data of cluster ${cluster.name}. Type its name to go on:`,
    cluster.name,
  );
  if (!agreed) {
    throw new KubewrightError('not-confirmed', `Cluster ${cluster.name} was not removed`, {
      hint: 'Type the name of the cluster when asked, or give --yes.',
    });
  }
  using _lock = await acquireLock(paths, { verb: 'down', emit: operator.emit });
  await using workspace = await openWorkspaceOf(
    cluster,
    request.file ?? '',
    operator,
    hostOwner('down', operator.emit),
  );
  const { provider, providerContext, openHost } = workspace;
  const destroying = await provider.destroy(cluster, providerContext);
  const machines = cluster.provider.kind === 'hosts' ? await provider.machines(cluster, providerContext) : undefined;
  const resetting = cluster.nodes.flatMap((node) => {
    const machine = machines?.machines.get(node.name);
    return machine === undefined ? [] : [resetStep(node, machine, { openHost })];
  });
  const steps = [...(machines?.steps ?? []), ...resetting, ...destroying];
  const result = await runSteps(steps, { verb: 'down', mode: 'apply', cluster, operator, emit: operator.emit });
  throwFailure(result);
  const removed = [...result.outcomes.values()].flatMap(({ changes, state }) =>
    state === 'changed' ? changes.map(({ what: item }) => item) : [],
  );
  const path = await kubeconfigPath(request.kubeconfig);
  if (await removeFromFile(path, cluster.name)) removed.push(`context ${cluster.name} in ${path}`);
  await rm(paths.directory, { recursive: true, force: true });
  removed.push(paths.directory);
  return { cluster: cluster.name, removed };
}

async function clusterToRemove({ file, cluster }: DownRequest): Promise<Cluster> {
  if (cluster === undefined) return clusterOf(file ?? 'cluster.yaml');
  const record = await readClusterRecord(statePaths(cluster));
  if (record !== undefined) return record.cluster;
  throw new KubewrightError(
    'cluster-absent',
    `No cluster named ${JSON.stringify(cluster)} was made from this machine`,
    {
      hint: 'Name its config instead: kubewright down -f FILE.',
    },
  );
}
