import { stringify } from 'yaml';

/**
 * The kubeconfig that kubeadm's file discovery reads: server and CA, no credentials.
 * Source: kubeadm's `discovery.file.kubeConfigPath`.
 */
export function renderDiscovery(server: string, ca: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'cluster', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
    ],
    contexts: [{ name: 'discovery', context: { cluster: 'cluster', user: '' } }],
    'current-context': 'discovery',
  });
}
