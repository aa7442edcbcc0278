import type { HostView } from './context.js';

/**
 * kubeadm's own checks that must be passed over on this host, each because of a fact: kubewright has judged the
 * same thing itself, or the check cannot be right here.
 */
export function ignoredPreflight({ traits, kubernetes }: HostView): readonly string[] {
  const ignored: string[] = [];
  // kubeadm refuses cgroup v1 although kubelet, told failCgroupV1: false, runs on it.
  if (traits.cgroupVersion === 1) ignored.push('SystemVerification');
  // Inside a container these belong to the machine around it.
  if (traits.container) {
    ignored.push('SystemVerification', 'FileContent--proc-sys-net-bridge-bridge-nf-call-iptables');
    if (traits.swap) ignored.push('Swap');
  }
  // What our own interrupted run left is what the next one goes on from.
  if (kubernetes.unfinished === 'init') ignored.push(...LEFT_BY_INIT);
  if (kubernetes.unfinished === 'join') ignored.push(...LEFT_BY_JOIN);
  return [...new Set(ignored)];
}

const LEFT_BY_INIT = [
  'Port-6443',
  'Port-10250',
  'Port-10257',
  'Port-10259',
  'Port-2379',
  'Port-2380',
  'DirAvailable--var-lib-etcd',
  'FileAvailable--etc-kubernetes-manifests-kube-apiserver.yaml',
  'FileAvailable--etc-kubernetes-manifests-kube-controller-manager.yaml',
  'FileAvailable--etc-kubernetes-manifests-kube-scheduler.yaml',
  'FileAvailable--etc-kubernetes-manifests-etcd.yaml',
];

const LEFT_BY_JOIN = [
  'Port-10250',
  'FileAvailable--etc-kubernetes-kubelet.conf',
  'FileAvailable--etc-kubernetes-bootstrap-kubelet.conf',
  'FileAvailable--etc-kubernetes-pki-ca.crt',
];
