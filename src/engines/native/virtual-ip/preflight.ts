import type { Cluster } from '../../../model/cluster.js';
import type { HostView } from '../context.js';
import { isControlPlane } from '../endpoint.js';
import type { Problem } from '../preflight-rules.js';

/** Why the address of the API cannot be held as asked. Pure. */
export function virtualIpProblems(views: readonly HostView[], { api }: Pick<Cluster, 'api'>): readonly Problem[] {
  const { endpoint } = api;
  if (endpoint.kind !== 'virtual-ip') return [];
  return views.flatMap(({ node, facts }): readonly Problem[] => {
    const host = node.name;
    if (!isControlPlane(node)) {
      if (!facts.addresses.has(endpoint.address)) return [];
      const text = `it has ${endpoint.address} already, which is to be the address of the API`;
      return [{ host, text, fix: 'Choose a free address for api.endpoint.virtualIp.' }];
    }
    const devices = [...new Set(facts.interfaces.values())];
    if (endpoint.interface === undefined || devices.includes(endpoint.interface)) return [];
    const text = `it has no network interface ${endpoint.interface} with an address (it has ${devices.join(', ')})`;
    return [
      { host, text, fix: 'Name another in api.endpoint.interface, or leave it out: each machine then uses its own.' },
    ];
  });
}
