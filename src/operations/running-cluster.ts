import { KubewrightError } from '../core/errors.js';
import { apiCandidates } from '../engines/native/access.js';
import type { HostView } from '../engines/native/context.js';
import { lookAt } from '../engines/native/facts-step.js';
import { type ApiAccess, proveAccess } from '../kube/access.js';
import type { NodeSpec } from '../model/cluster.js';
import type { Machine } from '../providers/provider.js';
import type { Workspace } from './workspace.js';

/**
 * Looks at one host of a running cluster. One that cannot be connected to within 5 s, or then does not answer within
 * 8 s, fails with the reason. Time in which a person is asked for a passphrase or a password does not count.
 */
export function lookAtHost(
  node: NodeSpec,
  machine: Machine,
  { cluster, openHost }: Pick<Workspace, 'cluster' | 'openHost'>,
  signal: AbortSignal,
): Promise<HostView> {
  const context: Parameters<typeof lookAt>[3] = { cluster, openHost: (target, by) => openHost(target, by, CONNECT_MS) };
  return lookAt(node, machine, { signal, line: () => {} }, context, ANSWER_MS);
}

/** The API of a cluster that runs, through its first control plane that answers. Errors: `cluster-absent`, naming what each said. */
export async function runningClusterAccess(workspace: Workspace, signal: AbortSignal): Promise<ApiAccess> {
  const { cluster, provider, providerContext } = workspace;
  const existing = new Map((await provider.existing(cluster, providerContext)).map((it) => [it.name, it]));
  const reasons: string[] = [];
  for (const node of cluster.nodes.filter(({ roles }) => roles.includes('control-plane'))) {
    const machine = existing.get(node.name)?.machine;
    if (machine === undefined) {
      reasons.push(`${node.name}: the machine does not exist`);
      continue;
    }
    try {
      const access = await accessThrough(await lookAtHost(node, machine, workspace, signal), workspace, signal);
      if (access !== undefined) return access;
      reasons.push(`${node.name}: no control plane runs there yet`);
    } catch (error) {
      if (!(error instanceof KubewrightError) || signal.aborted) throw error;
      reasons.push(`${node.name}: ${error.message}`);
    }
  }
  throw new KubewrightError(
    'cluster-absent',
    `No control plane of cluster ${cluster.name} answers:\n  ${reasons.join('\n  ')}`,
    {
      hint: 'Run `kubewright up` to make the cluster, or `kubewright status` to see what is wrong with it.',
    },
  );
}

/** A proven way to the API of the control plane that was looked at; undefined where it is none. Errors: `api-unreachable`. */
async function accessThrough(
  view: HostView,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<ApiAccess | undefined> {
  const { adminConf } = view.kubernetes;
  if (adminConf === undefined) return undefined;
  return proveAccess(adminConf, apiCandidates(view.machine, workspace.cluster.api.port), signal);
}

const CONNECT_MS = 5_000;
const ANSWER_MS = 8_000;
