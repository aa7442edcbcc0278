import { currentContext, renderKubeconfig } from '../kube/kubeconfig.js';
import { kubeconfigPath, mergeIntoFile, readKubeconfig } from '../kube/kubeconfig-file.js';
import type { Operator } from './operator.js';
import type { KubeconfigResult } from './results.js';
import { runningClusterAccess } from './running-cluster.js';
import { openWorkspace } from './workspace.js';

export interface KubeconfigRequest {
  readonly file: string;
  /** Merge it into the user's kubeconfig; otherwise it is only given back. */
  readonly merge: boolean;
  readonly kubeconfig?: string;
  readonly setCurrentContext: boolean;
}

/** The kubeconfig of a running cluster, its endpoint proven by a request just now. Errors: `cluster-absent`. */
export async function kubeconfig(
  request: KubeconfigRequest,
  operator: Operator,
): Promise<KubeconfigResult & { readonly content: string }> {
  await using workspace = await openWorkspace(request.file, operator);
  const { name } = workspace.cluster;
  const { client, server, credentials } = await runningClusterAccess(workspace, operator.abort);
  client[Symbol.dispose]();
  const entry = { name, server, credentials };
  const path = await kubeconfigPath(request.kubeconfig);
  const current = request.merge
    ? (await mergeIntoFile(path, entry, request.setCurrentContext)).current
    : currentContext(await readKubeconfig(path)) === name;
  return { path, context: name, current, server, content: renderKubeconfig(entry) };
}
