import type { Cluster, NodeSpec } from '../../model/cluster.js';
import { NODE_LOCAL_PORT } from '../../model/endpoint.js';

/**
 * Where everything on a node finds the API servers: what kubeadm calls the control plane endpoint. It names no
 * control plane, so any of them can be lost or replaced and nothing on the other nodes refers to it.
 */
export function controlPlaneEndpoint({ api }: Pick<Cluster, 'api'>): { readonly host: string; readonly port: number } {
  switch (api.endpoint.kind) {
    case 'node-local':
      return { host: '127.0.0.1', port: NODE_LOCAL_PORT };
    case 'load-balancer':
      return { host: api.endpoint.host, port: api.endpoint.port };
    case 'virtual-ip':
      return { host: api.endpoint.address, port: api.port };
  }
}

/** "https://127.0.0.1:7443". */
export function controlPlaneUrl(cluster: Pick<Cluster, 'api'>): string {
  const { host, port } = controlPlaneEndpoint(cluster);
  return apiServerUrl(host, port);
}

/** The URL of an API server. */
export function apiServerUrl(host: string, port: number): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Has every node a load balancer of its own in front of the API servers? */
export function hasBalancers({ api }: Pick<Cluster, 'api'>): boolean {
  return api.endpoint.kind === 'node-local';
}

/** Do the control planes hold an address of the API between them? */
export function hasVirtualIp({ api }: Pick<Cluster, 'api'>): boolean {
  return api.endpoint.kind === 'virtual-ip';
}

/** Does the node run the control plane? */
export function isControlPlane({ roles }: NodeSpec): boolean {
  return roles.includes('control-plane');
}

/** Does the machine run etcd and nothing else? */
export function isEtcdMachine({ roles }: Pick<NodeSpec, 'roles'>): boolean {
  return roles.includes('etcd');
}

/** Has etcd machines of its own? Else each control plane has a member of it. */
export function hasEtcdMachines({ nodes }: Pick<Cluster, 'nodes'>): boolean {
  return nodes.some(isEtcdMachine);
}

/** The machines that are nodes of Kubernetes; those of external etcd are not. */
export function kubernetesNodes({ nodes }: Pick<Cluster, 'nodes'>): readonly NodeSpec[] {
  return nodes.filter((node) => !isEtcdMachine(node));
}
