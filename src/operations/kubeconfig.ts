import { currentContext, type KubeconfigEntry, renderKubeconfig } from '../kube/kubeconfig.js';
import { kubeconfigPath, mergeIntoFile, readKubeconfig } from '../kube/kubeconfig-file.js';
import { currentServers } from './api-servers.js';
import { stays } from './kubeconfig-step.js';
import type { Operator } from './operator.js';
import type { KubeconfigResult } from './results.js';
import { runningClusterAccess } from './running-cluster.js';
import { contextForm, movesOn, prepareTunnel, proveTunnel } from './tunnel-context.js';
import { openWorkspace, type Workspace } from './workspace.js';

export interface KubeconfigRequest {
  readonly file: string;
  /** Merge it into the user's kubeconfig; otherwise it is only given back. */
  readonly merge: boolean;
  readonly kubeconfig?: string;
  readonly setCurrentContext: boolean;
  /** To one API server, also where a tunnel would move on to another. What is not merged is direct unless `tunnel` is given. */
  readonly direct?: boolean;
  readonly tunnel?: boolean;
}

/**
 * The kubeconfig of a running cluster, its endpoint proven by a request just now.
 * Errors: `cluster-absent`, those of the tunnel.
 */
export async function kubeconfig(
  request: KubeconfigRequest,
  operator: Operator,
): Promise<KubeconfigResult & { readonly content: string }> {
  await using workspace = await openWorkspace(request.file, operator);
  const { cluster } = workspace;
  const direct = request.direct === true || (!request.merge && request.tunnel !== true);
  const form = contextForm(cluster, { ...request, direct });
  const { client, server, credentials } = await runningClusterAccess(workspace, operator.abort);
  client[Symbol.dispose]();
  let entry: KubeconfigEntry = { name: cluster.name, server, credentials };
  if (form === 'tunnel') {
    const servers = await serversOf(workspace, server);
    entry = await prepareTunnel({ cluster: cluster.name, credentials, servers });
    await proveTunnel(entry, operator.abort);
  } else if (movesOn(cluster)) {
    operator.emit({ type: 'note', level: 'warning', text: stays(entry) });
  }
  const path = await kubeconfigPath(request.kubeconfig);
  const current = request.merge
    ? (await mergeIntoFile(path, entry, request.setCurrentContext)).current
    : currentContext(await readKubeconfig(path)) === cluster.name;
  return { path, context: cluster.name, current, server: entry.server, form, content: renderKubeconfig(entry) };
}

async function serversOf(workspace: Workspace, proven: string) {
  const { cluster, provider, providerContext } = workspace;
  const existing = await provider.existing(cluster, providerContext);
  const running = existing.flatMap(({ machine, state }) =>
    machine !== undefined && state !== 'stopped' ? [machine] : [],
  );
  return currentServers(running, workspace, proven);
}
