import type { Cluster, NodeSpec } from '../../../model/cluster.js';
import { KUBEADM_API } from '../kubeadm-config.js';
import { yamlDocuments } from '../node-files.js';

/** What kubeadm's phases for etcd are told about one machine. */
export interface EtcdConfigInput {
  readonly cluster: Pick<Cluster, 'name' | 'kubernetes'>;
  readonly node: Pick<NodeSpec, 'name'>;
  readonly address: string;
  /** Tag of the image that is really there. */
  readonly tag: string;
  /** How the member starts. Absent for the phases that only make certificates. */
  readonly start?: EtcdStart | undefined;
  /** Where the certificates lie. Default: /etc/kubernetes/pki. */
  readonly certificatesDir?: string | undefined;
}

/** How a member finds the others at its first start; later it knows them. */
export interface EtcdStart {
  /** "etcd-1=https://10.0.1.31:2380,…", itself included. */
  readonly initialCluster: string;
  readonly state: 'new' | 'existing';
  /** Sets clusters apart that begin with the same members. */
  readonly token: string;
}

/** The configuration of `kubeadm init phase certs etcd-*` and `kubeadm init phase etcd local`. */
export function etcdConfig({ cluster, node, address, tag, start, certificatesDir }: EtcdConfigInput): string {
  const extraArgs =
    start === undefined
      ? []
      : [
          { name: 'initial-cluster', value: start.initialCluster },
          { name: 'initial-cluster-state', value: start.state },
          { name: 'initial-cluster-token', value: start.token },
        ];
  return yamlDocuments([
    {
      apiVersion: KUBEADM_API,
      kind: 'InitConfiguration',
      localAPIEndpoint: { advertiseAddress: address },
      nodeRegistration: { name: node.name, criSocket: 'unix:///run/containerd/containerd.sock' },
    },
    {
      apiVersion: KUBEADM_API,
      kind: 'ClusterConfiguration',
      clusterName: cluster.name,
      // Or kubeadm asks the internet for one.
      kubernetesVersion: `v${cluster.kubernetes.version}`,
      ...(certificatesDir === undefined ? {} : { certificatesDir }),
      etcd: { local: { imageTag: tag, extraArgs } },
    },
  ]);
}
