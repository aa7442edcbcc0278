import { stringify } from 'yaml';
import { containerdFiles, type NodeFile, PATHS } from '../node-files.js';
import { cgroupDriver, type NodeTraits } from '../traits.js';

/** Every configuration file of a machine that runs only etcd. Pure. */
export function etcdFiles(traits: NodeTraits, parts: { readonly pause: string }): readonly NodeFile[] {
  return [
    ...containerdFiles(traits, parts.pause),
    { path: PATHS.standaloneKubelet, content: kubeletConfiguration(traits), afterwards: 'restart-kubelet' },
    { path: PATHS.kubeletUnit, content: KUBELET_UNIT, afterwards: 'restart-kubelet' },
  ];
}

/**
 * A kubelet that belongs to no cluster: it runs the static pods of this host and listens to nobody else. Source:
 * Kubernetes, "Set up a High Availability etcd Cluster with kubeadm".
 */
function kubeletConfiguration(traits: NodeTraits): string {
  const configuration = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '127.0.0.1',
    authentication: { anonymous: { enabled: false }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: cgroupDriver(traits),
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    staticPodPath: '/etc/kubernetes/manifests',
    ...(traits.cgroupVersion === 1 ? { failCgroupV1: false } : {}),
    ...(traits.swap && traits.container ? { failSwapOn: false } : {}),
  };
  return `# Written by kubewright: this machine runs etcd and is no Kubernetes node.\n${stringify(configuration)}`;
}

const KUBELET_UNIT = `# Written by kubewright: a kubelet of its own, which runs etcd.
[Unit]
Description=kubelet: runs the static pods of this machine
Documentation=https://kubernetes.io/docs/
Wants=network-online.target containerd.service
After=network-online.target containerd.service
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/local/bin/kubelet --config=${PATHS.standaloneKubelet}
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`;
