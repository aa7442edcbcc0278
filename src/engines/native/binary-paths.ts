import { CNI_PLUGINS } from '../../artifacts/placement.js';

/** Every path on a node where a binary of ours lies: what the facts look at. */
export const BINARY_PATHS: readonly string[] = [
  ...['kubeadm', 'kubelet', 'kubectl', 'containerd', 'containerd-shim-runc-v2', 'ctr'].map(
    (name) => `/usr/local/bin/${name}`,
  ),
  '/usr/local/sbin/runc',
  ...[...CNI_PLUGINS, 'flannel'].map((name) => `/opt/cni/bin/${name}`),
];
