import { parse, stringify } from 'yaml';
import { KubewrightError } from '../../core/errors.js';
import type { KubeClient } from '../../kube/client.js';
import type { KubeConfigMap } from '../../kube/objects.js';
import type { Cluster } from '../../model/cluster.js';
import type { Machine } from '../../providers/provider.js';
import { certificateNames } from './certificate-names.js';

/**
 * Makes sure that the certificate of a control plane that joins will carry every name and address that people may
 * come by: kubeadm takes them from its ConfigMap, which was written when the cluster began.
 */
export async function ensureCertificateNames(
  client: KubeClient,
  cluster: Cluster,
  machines: readonly Machine[],
  signal: AbortSignal,
): Promise<void> {
  const map = await client.get<KubeConfigMap>(CONFIG_MAP, signal);
  const text = map?.data?.['ClusterConfiguration'];
  if (text === undefined) {
    throw new KubewrightError('cluster-absent', "kubeadm's ConfigMap kube-system/kubeadm-config is missing", {
      hint: '`kubeadm init phase upload-config all` on a control plane writes it anew.',
    });
  }
  const changed = withCertificateNames(text, certificateNames(cluster, machines));
  if (changed !== text) await client.patch(CONFIG_MAP, { data: { ClusterConfiguration: changed } }, signal);
}

/** The same ClusterConfiguration with these names among the API servers'; unchanged text where they are all there. */
export function withCertificateNames(text: string, names: readonly string[]): string {
  const config = parse(text) as { apiServer?: { certSANs?: readonly string[] } };
  const known = config.apiServer?.certSANs ?? [];
  const missing = names.filter((name) => !known.includes(name));
  if (missing.length === 0) return text;
  return stringify(
    { ...config, apiServer: { ...config.apiServer, certSANs: [...known, ...missing] } },
    { lineWidth: 0 },
  );
}

const CONFIG_MAP = '/api/v1/namespaces/kube-system/configmaps/kubeadm-config';
