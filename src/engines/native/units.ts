/** The systemd units that kubewright owns on a node. */
export const UNITS = {
  containerd: 'containerd.service',
  kubelet: 'kubelet.service',
  balancer: 'kubewright-api.service',
  virtualIp: 'kubewright-virtual-ip.service',
} as const;
