import { apiCandidates } from '../engines/native/access.js';
import { isControlPlane } from '../engines/native/endpoint.js';
import type { ApiServer } from '../kube/relay/dial.js';
import { readServers } from '../kube/tunnel/access-files.js';
import { tunnelPlaces } from '../kube/tunnel/places.js';
import type { Cluster } from '../model/cluster.js';
import type { Machine } from '../providers/provider.js';
import type { Workspace } from './workspace.js';

/**
 * Where this machine reaches the API server of each control plane. A machine may have several addresses, and one that
 * is being made answers at none yet: it is the same kind of address for all that was `proven` (a URL) to work for one.
 */
export function apiServers(controlPlanes: readonly Machine[], cluster: Cluster, proven: string): readonly ApiServer[] {
  const candidates = controlPlanes.map((machine) => ({
    name: machine.name,
    urls: apiCandidates(machine, cluster.api.port),
  }));
  const kind = Math.max(0, ...candidates.map(({ urls }) => urls.indexOf(proven)));
  return candidates.flatMap(({ name, urls }) => {
    const url = urls[kind] ?? urls.at(-1);
    if (url === undefined) return [];
    const { hostname, port } = new URL(url);
    return [{ name, host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 443) }];
  });
}

/**
 * The API servers of the control planes that cluster.yaml names. Of `running` machines it is told; one that is down keeps
 * the place where it was seen last: it will be back.
 */
export async function currentServers(
  running: readonly Machine[],
  { cluster, paths }: Pick<Workspace, 'cluster' | 'paths'>,
  proven: string,
): Promise<readonly ApiServer[]> {
  const names = controlPlaneNames(cluster);
  const known = (await readServers(tunnelPlaces(paths)).catch(() => undefined))?.servers ?? [];
  const found = apiServers(
    running.filter(({ name }) => names.includes(name)),
    cluster,
    proven,
  );
  return names.flatMap(
    (name) => found.find((server) => server.name === name) ?? known.find((server) => server.name === name) ?? [],
  );
}

/** The names of the machines that API servers run on. */
export function controlPlaneNames({ nodes }: Cluster): readonly string[] {
  return nodes.filter(isControlPlane).map(({ name }) => name);
}
