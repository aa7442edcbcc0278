import { stringify } from 'yaml';

/**
 * The kubeconfig that kubeadm's file discovery reads: server and CA, no user and no context, in the form of the
 * cluster-info that kubeadm publishes itself (its cluster has an empty name).
 */
export function renderDiscovery(server: string, ca: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: '', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    contexts: [],
    users: [],
    'current-context': '',
  });
}
