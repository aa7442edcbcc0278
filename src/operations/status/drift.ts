import type { Payload } from '../../artifacts/payload.js';
import { addonChanges } from '../../engines/native/addons.js';
import { certificateChanges } from '../../engines/native/certificates.js';
import type { HostView } from '../../engines/native/context.js';
import { hasBalancers, hasEtcdMachines, isControlPlane, isEtcdMachine } from '../../engines/native/endpoint.js';
import { isMember as hasEtcdMember } from '../../engines/native/etcd/etcd-cluster.js';
import { isMember } from '../../engines/native/found-cluster.js';
import { membershipChange } from '../../engines/native/join.js';
import { preparationChanges, type WantedServers } from '../../engines/native/prepare.js';
import { registrationChanges } from '../../engines/native/registration.js';
import type { Arch, Cluster } from '../../model/cluster.js';
import type { DriftStatus } from '../results.js';
import type { Workspace } from '../workspace.js';
import type { OpenApi } from './api.js';
import type { Look } from './look.js';

/** What `plan` would show, told from what was looked at already; by node name, those that could not be looked at are absent. */
export interface Drift extends DriftStatus {
  readonly nodes: ReadonlyMap<string, number>;
}

/** Counts what differs from cluster.yaml. Artifacts are taken from the cache alone: nothing is got or built for it. */
export async function driftOf(
  looks: readonly Look[],
  api: OpenApi | undefined,
  workspace: Pick<Workspace, 'cluster' | 'cachedPayload'>,
  signal: AbortSignal,
): Promise<Drift> {
  const { cluster } = workspace;
  const wanted = new Set(cluster.nodes);
  const views = looks.flatMap(({ node, view }) => (view !== undefined && wanted.has(node) ? [view] : []));
  const { payloads, unseen } = await payloadsFor(views, workspace, signal);
  const known: Known = { cluster, api, servers: wantedServers(looks, cluster) };
  const nodes = new Map(
    views.flatMap((view) => {
      const payload = payloads.get(view.facts.arch);
      return payload === undefined ? [] : [[view.node.name, nodeChanges(view, payload, known)] as const];
    }),
  );
  const addons = await addonDrift(views.find(isMember), payloads, api, cluster, signal);
  const changes = [...nodes.values(), addons ?? 0].reduce((sum, number) => sum + number, 0);
  return { nodes, addons, changes, unseen };
}

/** What is in the cache for these hosts, and why it is not all that is needed. */
async function payloadsFor(
  views: readonly HostView[],
  { cluster, cachedPayload }: Pick<Workspace, 'cluster' | 'cachedPayload'>,
  signal: AbortSignal,
) {
  const payloads = new Map<Arch, Payload>();
  const reasons: string[] = [];
  for (const arch of new Set(views.map(({ facts }) => facts.arch))) {
    try {
      const payload = await cachedPayload(arch, signal);
      if (payload !== undefined) payloads.set(arch, payload);
      else reasons.push(`the artifacts of Kubernetes ${cluster.kubernetes.version} for ${arch} are not in the cache`);
    } catch (error) {
      if (signal.aborted) throw error;
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { payloads, unseen: reasons.length === 0 ? undefined : reasons.join('; ') };
}

/** What all nodes have in common. */
interface Known {
  readonly cluster: Cluster;
  readonly api: OpenApi | undefined;
  readonly servers: WantedServers | undefined;
}

function nodeChanges(view: HostView, payload: Payload, { servers, api, cluster }: Known): number {
  const { node, kubernetes } = view;
  const needs = { balanced: servers, externalEtcd: hasEtcdMachines(cluster) };
  if (isEtcdMachine(node)) return preparationChanges(payload, view, needs).length + (hasEtcdMember(view) ? 0 : 1);
  // Where the API does not answer, a host that has joined is taken for known.
  const membership = membershipChange(kubernetes, () => api === undefined || api.nodes.has(node.name));
  const isNew = membership !== undefined || kubernetes.unfinished !== undefined;
  return (
    preparationChanges(payload, view, needs).length +
    (isNew ? 1 : certificateChanges(kubernetes, cluster).length) +
    (api === undefined ? 0 : registrationChanges(node, isNew ? undefined : api.nodes.get(node.name)).length)
  );
}

/** As `up` gives them to each node's load balancer: the control planes that are wanted, and until they are gone the others. */
function wantedServers(looks: readonly Look[], cluster: Cluster): WantedServers | undefined {
  if (!hasBalancers(cluster)) return undefined;
  const controlPlanes = looks.filter(({ node }) => isControlPlane(node));
  const known = controlPlanes.flatMap(({ node, existing }) =>
    existing?.machine === undefined || existing.state === 'stopped'
      ? []
      : [{ name: node.name, address: existing.machine.address, port: cluster.api.port }],
  );
  return { servers: known, complete: controlPlanes.every(({ node, wanted }) => !wanted || isAmong(known, node.name)) };
}

function isAmong(servers: WantedServers['servers'], name: string): boolean {
  return servers.some((server) => server.name === name);
}

async function addonDrift(
  found: HostView | undefined,
  payloads: ReadonlyMap<Arch, Payload>,
  api: OpenApi | undefined,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<number | undefined> {
  const payload = found === undefined ? undefined : payloads.get(found.facts.arch);
  if (found === undefined || payload === undefined || api === undefined) return undefined;
  try {
    return (await addonChanges({ client: api.client, found, payload, cluster }, signal)).length;
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}
