import type { StepContext, StepRef } from '../core/step.js';
import type { LeavingNode } from '../engines/native/departures.js';
import type { LeaveSource } from '../engines/native/leave.js';
import { drainNode } from '../kube/drain.js';
import type { NodeSpec } from '../model/cluster.js';
import { readClusterRecord } from '../state/store.js';
import type { Kubectl } from './kubectl-step.js';
import type { Workspace } from './workspace.js';

/** How nodes are let go. */
export interface LeavingWish {
  /** Nodes that do not answer are removed without waiting for them. Default: false, they are refused. */
  readonly forceUnreachable?: boolean | undefined;
  /** How long the pods of a node may take to go, in seconds. Default 300. */
  readonly drainTimeout?: number | undefined;
  /** Delete pods that nothing would make again elsewhere, too. Default: false, they are refused. */
  readonly forceDrain?: boolean | undefined;
}

/**
 * The nodes that belong to the cluster and that cluster.yaml does not name any more: those that the record of earlier
 * runs has, and machines of this cluster that the provider finds.
 */
export async function leavingNodes(workspace: Workspace): Promise<readonly LeavingNode[]> {
  const { cluster, paths, provider, providerContext } = workspace;
  const record = await readClusterRecord(paths).catch(() => undefined);
  const wanted = new Set(cluster.nodes.map(({ name }) => name));
  const remembered = [...(record?.cluster.nodes ?? []), ...(record?.departing ?? [])].filter(
    ({ name }) => !wanted.has(name),
  );
  // Of machines that exist already nobody knows any but those that were named once.
  if (cluster.provider.kind === 'hosts' && remembered.length === 0) return [];
  const nodes = new Map<string, NodeSpec>(remembered.map((node) => [node.name, node]));
  const existing = await provider.existing(
    { ...cluster, nodes: [...cluster.nodes, ...nodes.values()] },
    providerContext,
  );
  const machines = new Map(existing.map(({ name, machine }) => [name, machine]));
  for (const { name, roles } of existing) {
    if (wanted.has(name) || nodes.has(name)) continue;
    nodes.set(name, { name, pool: '', roles: roles ?? ['worker'], labels: {}, taints: [] });
  }
  return [...nodes.values()].map((node) => ({ node, machine: machines.get(node.name) }));
}

/** Drains through the kubectl that the given step has at hand. */
export function drainWith(kubectl: StepRef<Kubectl | undefined>, wish: LeavingWish): LeaveSource['drain'] {
  return async ({ name, ready }, access, step: StepContext) => {
    const tools = step.output(kubectl);
    if (tools === undefined) throw new Error('nothing is drained under plan');
    await drainNode({
      kubectl: tools.pinned,
      access,
      node: name,
      ready,
      timeoutMs: (wish.drainTimeout ?? 300) * 1000,
      force: wish.forceDrain ?? false,
      signal: step.signal,
      line: (text) => step.line(text),
    });
  };
}
