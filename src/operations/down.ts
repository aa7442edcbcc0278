import { rm } from 'node:fs/promises';
import { KubewrightError } from '../core/errors.js';
import { kubeconfigPath, removeFromFile } from '../kube/kubeconfig-file.js';
import { tunnelPlaces } from '../kube/tunnel/places.js';
import { removeControlSocket, stopTunnel } from '../kube/tunnel/stop.js';
import { acquireLock } from '../state/lock.js';
import { statePaths } from '../state/paths.js';
import { type ClusterChoice, clusterNamed } from './cluster-named.js';
import { runSteps, throwFailure } from './graph-run.js';
import { hostOwner } from './host-owner.js';
import type { Operator } from './operator.js';
import { hostResets } from './reset-hosts.js';
import type { DownResult } from './results.js';
import { openWorkspaceOf } from './workspace.js';

export interface DownRequest extends ClusterChoice {
  readonly kubeconfig?: string | undefined;
  /** Machines that exist already and do not answer are left as they are, with a note. Default: false, they are an error. */
  readonly forceUnreachable?: boolean | undefined;
}

/**
 * Removes the machines that were made for the cluster, its context in the kubeconfig, its tunnel and its state. Machines that existed
 * before (`hosts`) stay, with Kubernetes taken off them as by `reset`. Nodes that have left cluster.yaml and are not known
 * to be gone are seen to as well. Asks first. Errors: `not-confirmed`, `cluster-absent`, `node-unreachable`.
 */
export async function down(request: DownRequest, operator: Operator): Promise<DownResult> {
  const { forceUnreachable = false } = request;
  const cluster = await clusterNamed(request, 'down');
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
  const { provider, providerContext } = workspace;
  const destroying = await provider.destroy(cluster, providerContext);
  const resets = cluster.provider.kind === 'hosts' ? await hostResets(workspace, { forceUnreachable }) : undefined;
  const result = await runSteps([...(resets?.steps ?? []), ...destroying], {
    ...{ verb: 'down', mode: 'apply', cluster, operator, emit: operator.emit },
    leaving: resets?.nodes.filter(({ name }) => !cluster.nodes.some((node) => node.name === name)),
  });
  throwFailure(result);
  const removed = destroying.flatMap(({ id }) => {
    const outcome = result.outcomes.get(id);
    return outcome?.state === 'changed' ? outcome.changes.map(({ what: item }) => item) : [];
  });
  const path = await kubeconfigPath(request.kubeconfig);
  if (await removeFromFile(path, cluster.name)) removed.push(`context ${cluster.name} in ${path}`);
  const places = tunnelPlaces(paths);
  const ended = await stopTunnel(places);
  if (ended !== undefined) removed.push(`tunnel on port ${ended.port} (process ${ended.pid})`);
  await removeControlSocket(places);
  await rm(paths.directory, { recursive: true, force: true });
  removed.push(paths.directory);
  return { cluster: cluster.name, hosts: resets?.report(result) ?? [], removed };
}
