import type { Cluster } from '../../model/cluster.js';
import type { Machine } from '../../providers/provider.js';
import { controlPlaneEndpoint } from './endpoint.js';

/** Every name and address by which somebody may come to one of these API servers: their certificates carry all of them. */
export function certificateNames(cluster: Cluster, machines: readonly Machine[]): readonly string[] {
  const own = machines.flatMap(({ address, ssh, api }) => [
    address,
    ssh.address,
    ...(api === undefined ? [] : [api.host]),
  ]);
  return [
    ...new Set([...own, controlPlaneEndpoint(cluster).host, 'localhost', '127.0.0.1', ...cluster.api.extraNames]),
  ];
}
