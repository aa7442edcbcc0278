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
  const text = await clusterConfiguration(client, signal);
  const changed = withCertificateNames(text, certificateNames(cluster, machines));
  if (changed !== text) await patchClusterConfiguration(client, changed, signal);
}

/** kubeadm's ClusterConfiguration as the cluster has it: YAML. Errors: `cluster-absent`. */
export async function clusterConfiguration(client: KubeClient, signal: AbortSignal): Promise<string> {
  const map = await client.get<KubeConfigMap>(CONFIG_MAP, signal);
  const text = map?.data?.['ClusterConfiguration'];
  if (text !== undefined) return text;
  throw new KubewrightError('cluster-absent', "kubeadm's ConfigMap kube-system/kubeadm-config is missing", {
    hint: '`kubeadm init phase upload-config all` on a control plane writes it anew.',
  });
}

/** Puts another ClusterConfiguration in its place. */
export async function patchClusterConfiguration(client: KubeClient, text: string, signal: AbortSignal): Promise<void> {
  await client.patch(CONFIG_MAP, { data: { ClusterConfiguration: text } }, signal);
}

/** The same ClusterConfiguration with these names among the API servers'; unchanged text where they are all there. */
export function withCertificateNames(text: string, names: readonly string[]): string {
  const config = parse(text) as ClusterConfiguration;
  const known = config.apiServer?.certSANs ?? [];
  const missing = names.filter((name) => !known.includes(name));
  if (missing.length === 0) return text;
  return stringify(
    { ...config, apiServer: { ...config.apiServer, certSANs: [...known, ...missing] } },
    { lineWidth: 0 },
  );
}

/** Where a ClusterConfiguration says that etcd is; empty where it is on the control planes. */
export function etcdEndpoints(text: string): readonly string[] {
  return (parse(text) as ClusterConfiguration).etcd?.external?.endpoints ?? [];
}

/** The same ClusterConfiguration with etcd at these addresses. */
export function withEtcdEndpoints(text: string, endpoints: readonly string[]): string {
  const config = parse(text) as ClusterConfiguration;
  return stringify(
    { ...config, etcd: { ...config.etcd, external: { ...config.etcd?.external, endpoints: [...endpoints] } } },
    { lineWidth: 0 },
  );
}

interface ClusterConfiguration {
  readonly apiServer?: { readonly certSANs?: readonly string[] };
  readonly etcd?: { readonly external?: { readonly endpoints?: readonly string[] } };
}

const CONFIG_MAP = '/api/v1/namespaces/kube-system/configmaps/kubeadm-config';
