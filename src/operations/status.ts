import type { LeavingNode } from '../engines/native/departures.js';
import type { ExistingMachine } from '../providers/provider.js';
import { leavingNodes } from './leaving.js';
import type { Operator } from './operator.js';
import type { StatusResult } from './results.js';
import { apiServersOf, askApiServers } from './status/api.js';
import { driftOf } from './status/drift.js';
import { askEtcd } from './status/etcd.js';
import { clusterProblems, type Findings, nodeStatus, strangersAmong } from './status/judge.js';
import { type Look, look } from './status/look.js';
import { openWorkspace, type Workspace } from './workspace.js';

/**
 * How the cluster is, seen from its machines, its API servers and its etcd; changes nothing. All are asked at once and
 * each has a deadline, so one that is down holds up no other. Errors: those of the config and of the provider.
 */
export async function status(request: { readonly file: string }, operator: Operator): Promise<StatusResult> {
  await using workspace = await openWorkspace(request.file, operator);
  return await statusOf(workspace, operator.abort);
}

/** The same in a workspace that stays open. */
export async function statusOf(workspace: Workspace, signal: AbortSignal): Promise<StatusResult> {
  const { cluster, provider, providerContext } = workspace;
  const [existing, leaving] = await Promise.all([provider.existing(cluster, providerContext), leavingNodes(workspace)]);
  const nodes = nodesToLookAt(workspace, existing, leaving);
  const looking = nodes.map((node) => look(node, workspace, signal));
  const [looks, api, etcd] = await Promise.all([
    Promise.all(looking),
    askApiServers(looking, apiServersOf(cluster, nodes), signal),
    askEtcd(looking, cluster, signal),
  ]);
  using client = api.open?.client;
  const { nodes: pendingChanges, ...drift } = await driftOf(looks, api.open, workspace, signal);
  const findings: Findings = {
    ...{ cluster, looks, etcd, pendingChanges },
    apiServers: api.servers,
    members: api.open?.nodes,
    now: Date.now(),
  };
  const statuses = looks.map((it) => nodeStatus(it, findings));
  const problems = clusterProblems(findings);
  const hasQuorum = etcd.etcd === undefined || etcd.etcd.healthy >= etcd.etcd.needed;
  return {
    cluster: cluster.name,
    server: client?.server,
    apiReachable: client !== undefined,
    nodes: statuses,
    apiServers: api.servers,
    etcd: etcd.etcd,
    strangers: strangersAmong(findings),
    drift,
    problems,
    healthy:
      client !== undefined &&
      hasQuorum &&
      problems.length === 0 &&
      statuses.every((node) => node.problems.length === 0),
  };
}

/** The nodes of cluster.yaml, then those that have left it and are still there. */
function nodesToLookAt(
  { cluster }: Pick<Workspace, 'cluster'>,
  existing: readonly ExistingMachine[],
  leaving: readonly LeavingNode[],
): readonly Pick<Look, 'node' | 'wanted' | 'existing'>[] {
  const machines = new Map(existing.map((it) => [it.name, it]));
  return [
    ...cluster.nodes.map((node) => ({ node, wanted: true, existing: machines.get(node.name) })),
    ...leaving.map(({ node, machine }) => ({
      node,
      wanted: false,
      existing: machines.get(node.name) ?? (machine && { name: node.name, state: 'unknown' as const, machine }),
    })),
  ];
}
