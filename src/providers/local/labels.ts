/** Labels by which everything of a cluster is found again: the engine is asked, no file of ours is believed. */
export const LABEL = {
  cluster: 'kubewright.cluster',
  node: 'kubewright.node',
  roles: 'kubewright.roles',
  /** The node's address on the cluster's network. */
  address: 'kubewright.address',
  subnet: 'kubewright.subnet',
  /** "ssh-ed25519 AAAA…": what the node's sshd shows. */
  hostKey: 'kubewright.ssh-host-key',
  /** "SHA256:…" of the public key that may log in. */
  clientKey: 'kubewright.ssh-client-key',
  /** "22:40001 6443:40002": ports of the node and where on 127.0.0.1 they are published; empty: nowhere. */
  ports: 'kubewright.ports',
  /** Names the node's own folder in the store. */
  instance: 'kubewright.instance',
  /** The payload that the node was made with. */
  seed: 'kubewright.seed',
  /** Hash of everything else that the container was made from. */
  made: 'kubewright.made-from',
  /** On the store's volume: which one it is. */
  store: 'kubewright.store',
  /** On containers that live for seconds. */
  helper: 'kubewright.helper',
} as const;

/** `--label` flags. */
export function labelFlags(labels: Readonly<Partial<Record<keyof typeof LABEL, string>>>): readonly string[] {
  return Object.entries(labels).flatMap(([name, value]) => [
    '--label',
    `${LABEL[name as keyof typeof LABEL]}=${value}`,
  ]);
}

/** What a cluster's network is called. */
export function networkName(cluster: string): string {
  return `kubewright-${cluster}`;
}

/** What a node's container is called. */
export function containerName(cluster: string, node: string): string {
  return `${cluster}-${node}`;
}
