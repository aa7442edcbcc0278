import { apiCandidates } from '../engines/native/access.js';
import type { ApiServer } from '../kube/relay/dial.js';
import type { Cluster } from '../model/cluster.js';
import type { Machine } from '../providers/provider.js';

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

/** The names of the machines that API servers run on. */
export function controlPlaneNames({ nodes }: Cluster): readonly string[] {
  return nodes.filter(({ roles }) => roles.includes('control-plane')).map(({ name }) => name);
}
