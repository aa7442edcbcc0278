/** A cluster as the user asked for it, complete: every default filled in, every node named. Plain data. */
export interface Cluster {
  readonly name: string;
  /** `version` without a v: "1.36.3". */
  readonly kubernetes: { readonly version: string };
  readonly engine: 'native';
  readonly provider: ProviderSpec;
  readonly nodes: readonly NodeSpec[];
  readonly network: NetworkSpec;
  readonly api: ApiSpec;
  readonly artifacts: ArtifactsSpec;
}

/** `etcd` stands alone: a machine that runs etcd for the control planes and is no Kubernetes node. */
export type Role = 'control-plane' | 'worker' | 'etcd';
export type Arch = 'amd64' | 'arm64';

export interface NodeSpec {
  /** The machine's hostname and the Kubernetes node's name. */
  readonly name: string;
  readonly pool: string;
  readonly roles: readonly Role[];
  /** Beside those that kubeadm and the kubelet set themselves. */
  readonly labels: Readonly<Record<string, string>>;
  /** All of them: a control plane's usual one included (it is there unless the node is a worker too or the user says otherwise). */
  readonly taints: readonly Taint[];
  /** Only with `provider: hosts`: how to reach the machine. */
  readonly host?: HostSpec | undefined;
}

export interface Taint {
  readonly key: string;
  readonly value?: string | undefined;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

export interface NetworkSpec {
  readonly cni: 'flannel';
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly clusterDomain: string;
  /** Resolvers that cluster DNS forwards to; found on each machine when absent. */
  readonly upstreamDns: readonly string[];
}

export interface ApiSpec {
  readonly port: number;
  /** Further names and addresses in the API server's certificate. */
  readonly extraNames: readonly string[];
  readonly endpoint: EndpointSpec;
}

/**
 * Where nodes and people reach the API, whichever control planes live. `node-local`: every node has a small load
 * balancer of its own in front of all API servers. `load-balancer`: one that exists. `virtual-ip`: an address that one
 * of the control planes holds at a time.
 */
export type EndpointSpec =
  | { readonly kind: 'node-local' }
  | { readonly kind: 'load-balancer'; readonly host: string; readonly port: number }
  /** `interface`: the network interface that takes the address; found on each machine when absent. */
  | { readonly kind: 'virtual-ip'; readonly address: string; readonly interface?: string | undefined };

export interface ArtifactsSpec {
  /** `auto` tries cache, then upstream, then build. */
  readonly source: 'auto' | 'upstream' | 'build';
  /** By the public host ("dl.k8s.io"), base URLs that stand in for it, without a slash at the end: a mirror laid out as upstream is. */
  readonly mirrors: Readonly<Record<string, string>>;
}

export type ProviderSpec = LocalSpec | HostsSpec;

export interface LocalSpec {
  readonly kind: 'local';
  /** The container engine's command; found when absent: docker, then podman. */
  readonly engine?: 'docker' | 'podman' | undefined;
  /** The nodes' network; a free one is chosen when absent. */
  readonly subnet?: string | undefined;
  /** Forces (`true`) or forbids (`false`) ports published on loopback; found out by a probe when absent. */
  readonly publishPorts?: boolean | undefined;
  /** A node image to use as it is, instead of the one that kubewright makes. */
  readonly image?: string | undefined;
}

export interface HostsSpec {
  readonly kind: 'hosts';
}

/** How to reach one existing machine. */
export interface HostSpec {
  readonly address: string;
  /** The address other nodes use, when it is not `address`. */
  readonly internalAddress?: string | undefined;
  readonly port: number;
  readonly user: string;
  /** A private key file, absolute; the agent and the usual files in ~/.ssh when absent. */
  readonly identityFile?: string | undefined;
  readonly sudoPassword?: SecretSource | undefined;
  readonly hostKey: HostKeyPolicy;
}

/** Where a secret comes from: never the config itself. */
export type SecretSource =
  | { readonly kind: 'prompt' }
  | { readonly kind: 'environment'; readonly name: string }
  /** `path` is absolute. */
  | { readonly kind: 'file'; readonly path: string };

/**
 * `known-hosts`: must stand in ~/.ssh/known_hosts (or the cluster's own). `trust-on-first-use`: an unknown
 * key is accepted once and pinned. `pinned`: exactly these keys ("ssh-ed25519 AAAA…").
 */
export type HostKeyPolicy =
  | { readonly kind: 'known-hosts' }
  | { readonly kind: 'trust-on-first-use' }
  | { readonly kind: 'pinned'; readonly keys: readonly string[] };
