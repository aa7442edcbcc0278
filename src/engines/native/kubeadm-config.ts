import type { Cluster, NodeSpec } from '../../model/cluster.js';
import { controlPlaneEndpoint } from './endpoint.js';
import { PATHS, yamlDocuments } from './node-files.js';
import { cgroupDriver, type NodeTraits } from './traits.js';

/** What `kubeadm init` is told. Source: kubeadm.k8s.io/v1beta4, kubelet.config.k8s.io/v1beta1, kubeproxy.config.k8s.io/v1alpha1. */
export interface InitInput {
  readonly cluster: Cluster;
  readonly node: NodeSpec;
  readonly address: string;
  readonly traits: NodeTraits;
  /** "abcdef.0123456789abcdef". */
  readonly token: string;
  /** Encrypts the keys that further control planes fetch when they join; absent where there is to be only one. */
  readonly certificateKey?: string | undefined;
  /** Names and addresses in the API server's certificate beside kubeadm's own. */
  readonly certificateNames: readonly string[];
  /** Tags of the images that are really there: kubeadm's defaults may be others. */
  readonly tags: { readonly coredns: string; readonly etcd: string };
  /** Where etcd is, if it has machines of its own. */
  readonly etcdEndpoints?: readonly string[] | undefined;
  readonly ignoredPreflight: readonly string[];
}

/** The configuration file of `kubeadm init`: YAML documents for kubeadm, the kubelet and kube-proxy. Holds the token: secret. */
export function initConfig(input: InitInput): string {
  const { cluster, address, traits } = input;
  return yamlDocuments([
    {
      apiVersion: KUBEADM_API,
      kind: 'InitConfiguration',
      localAPIEndpoint: { advertiseAddress: address, bindPort: cluster.api.port },
      bootstrapTokens: [{ token: input.token, ttl: '1h0m0s', description: 'kubewright up' }],
      ...(input.certificateKey === undefined ? {} : { certificateKey: input.certificateKey }),
      nodeRegistration: nodeRegistration(input),
    },
    clusterConfiguration(input),
    kubeletConfiguration(traits, cluster),
    {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: 'nftables',
      clusterCIDR: cluster.network.podCidr,
      // A container may not write the machine's conntrack limits, and kube-proxy ends itself when it cannot.
      ...(traits.container ? { conntrack: { maxPerCore: 0, min: 0 } } : {}),
    },
  ]);
}

export interface JoinInput {
  readonly cluster: Cluster;
  readonly node: NodeSpec;
  readonly address: string;
  readonly traits: NodeTraits;
  readonly token: string;
  /** A kubeconfig file on the host that holds the cluster's CA and server. */
  readonly discoveryFile: string;
  /** Joins as a control plane, with the shared keys that this one decrypts; absent: as a worker. */
  readonly certificateKey?: string | undefined;
  readonly ignoredPreflight: readonly string[];
}

/**
 * What `kubeadm join` is told. Discovery by a file that we bring over SSH: the CA needs no trust on first use,
 * and joining need not wait until the controller manager has signed cluster-info.
 */
export function joinConfig(input: JoinInput): string {
  return yamlDocuments([
    {
      apiVersion: KUBEADM_API,
      kind: 'JoinConfiguration',
      discovery: { file: { kubeConfigPath: input.discoveryFile }, tlsBootstrapToken: input.token },
      timeouts: { discovery: '2m0s', tlsBootstrap: '2m0s' },
      ...(input.certificateKey === undefined
        ? {}
        : {
            controlPlane: {
              localAPIEndpoint: { advertiseAddress: input.address, bindPort: input.cluster.api.port },
              certificateKey: input.certificateKey,
            },
          }),
      nodeRegistration: nodeRegistration(input),
    },
  ]);
}

function endpointText(cluster: Cluster): string {
  const { host, port } = controlPlaneEndpoint(cluster);
  return `${host}:${port}`;
}

function clusterConfiguration({ cluster, certificateNames, tags, etcdEndpoints }: InitInput) {
  return {
    apiVersion: KUBEADM_API,
    kind: 'ClusterConfiguration',
    clusterName: cluster.name,
    kubernetesVersion: `v${cluster.kubernetes.version}`,
    controlPlaneEndpoint: endpointText(cluster),
    networking: {
      podSubnet: cluster.network.podCidr,
      serviceSubnet: cluster.network.serviceCidr,
      dnsDomain: cluster.network.clusterDomain,
    },
    apiServer: { certSANs: [...certificateNames] },
    controllerManager: { extraArgs: [...LEADER_ELECTION, ...API_RATE] },
    scheduler: { extraArgs: LEADER_ELECTION },
    dns: { imageTag: tags.coredns },
    etcd:
      etcdEndpoints === undefined
        ? { local: { imageTag: tags.etcd } }
        : { external: { endpoints: [...etcdEndpoints], ...ETCD_CLIENT } },
  };
}

function kubeletConfiguration(traits: NodeTraits, cluster: Cluster) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    cgroupDriver: cgroupDriver(traits),
    clusterDomain: cluster.network.clusterDomain,
    resolvConf: PATHS.resolvConf,
    ...(traits.cgroupVersion === 1 ? { failCgroupV1: false } : {}),
    ...(traits.swap && traits.container ? { failSwapOn: false } : {}),
  };
}

function nodeRegistration(input: {
  readonly node: NodeSpec;
  readonly address: string;
  readonly ignoredPreflight: readonly string[];
}) {
  return {
    name: input.node.name,
    criSocket: 'unix:///run/containerd/containerd.sock',
    imagePullPolicy: 'IfNotPresent',
    // Always given: where it is absent kubeadm taints control planes by itself.
    taints: [...input.node.taints],
    kubeletExtraArgs: [{ name: 'node-ip', value: input.address }],
    ignorePreflightErrors: [...input.ignoredPreflight],
  };
}

/** A new cluster refuses the first try for a lease (its roles are not made yet): the next comes sooner than after the default 2 s. */
const LEADER_ELECTION = [{ name: 'leader-elect-retry-period', value: '1s' }];

/** The controller manager asks for some forty tokens before it starts its work, and at its default of 20 requests a second that takes 5 s. */
const API_RATE = [
  { name: 'kube-api-qps', value: '100' },
  { name: 'kube-api-burst', value: '200' },
];

/** What the API server shows to an etcd that is elsewhere: where kubeadm has it with an etcd of its own. */
const ETCD_CLIENT = {
  caFile: '/etc/kubernetes/pki/etcd/ca.crt',
  certFile: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
  keyFile: '/etc/kubernetes/pki/apiserver-etcd-client.key',
};

export const KUBEADM_API = 'kubeadm.k8s.io/v1beta4';
