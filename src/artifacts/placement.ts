import type { Role } from '../model/cluster.js';
import type { ComponentVersions } from './component-versions.js';

/** Where a binary belongs on a node, and on which nodes. */
export interface FilePlacement {
  readonly name: string;
  readonly version: string;
  readonly destination: string;
  readonly roles: readonly Role[];
}

/** An image that nodes need, by the name that Kubernetes asks for. */
export interface ImagePlacement {
  readonly name: string;
  readonly ref: string;
  /** The tag in `ref`. */
  readonly version: string;
  readonly roles: readonly Role[];
}

/** The CNI plugins that a node gets: what flannel's and containerd's configuration name, and what those delegate to. */
export const CNI_PLUGINS = [
  'bandwidth',
  'bridge',
  'firewall',
  'host-local',
  'loopback',
  'portmap',
  'ptp',
  'tuning',
] as const;

/** Every binary of a payload. */
export function filePlacements(versions: ComponentVersions): readonly FilePlacement[] {
  const binary = (name: string, version: string, roles = EVERY_NODE, directory = '/usr/local/bin'): FilePlacement => ({
    name,
    version,
    destination: `${directory}/${name}`,
    roles,
  });
  const plugin = (name: string, version: string): FilePlacement => ({
    name: `cni/${name}`,
    version,
    destination: `/opt/cni/bin/${name}`,
    roles: EVERY_NODE,
  });
  return [
    binary('kubeadm', versions.kubernetes, EVERY_MACHINE),
    binary('kubelet', versions.kubernetes, EVERY_MACHINE),
    binary('kubectl', versions.kubernetes, CONTROL_PLANES),
    binary('containerd', versions.containerd, EVERY_MACHINE),
    binary('containerd-shim-runc-v2', versions.containerd, EVERY_MACHINE),
    binary('ctr', versions.containerd, EVERY_MACHINE),
    binary('runc', versions.runc, EVERY_MACHINE, '/usr/local/sbin'),
    ...CNI_PLUGINS.map((name) => plugin(name, versions.cniPlugins)),
    plugin('flannel', versions.flannelCni),
  ];
}

/** Every image of a payload. `-0` is the revision that Kubernetes appends to etcd's tags. */
export function imagePlacements(versions: ComponentVersions): readonly ImagePlacement[] {
  const image = (name: string, repository: string, tag: string, roles = EVERY_NODE): ImagePlacement => ({
    name,
    ref: `${repository}:${tag}`,
    version: tag,
    roles,
  });
  const kubernetes = `v${versions.kubernetes}`;
  return [
    image('kube-apiserver', 'registry.k8s.io/kube-apiserver', kubernetes, CONTROL_PLANES),
    image('kube-controller-manager', 'registry.k8s.io/kube-controller-manager', kubernetes, CONTROL_PLANES),
    image('kube-scheduler', 'registry.k8s.io/kube-scheduler', kubernetes, CONTROL_PLANES),
    image('etcd', 'registry.k8s.io/etcd', `${versions.etcd}-0`, ['control-plane', 'etcd']),
    image('kube-proxy', 'registry.k8s.io/kube-proxy', kubernetes),
    image('coredns', 'registry.k8s.io/coredns/coredns', `v${versions.coredns}`),
    image('pause', 'registry.k8s.io/pause', versions.pause, EVERY_MACHINE),
    image('flannel', 'ghcr.io/flannel-io/flannel', `v${versions.flannel}`),
    image('haproxy', 'docker.io/library/haproxy', `${versions.haproxy}-alpine`),
  ];
}

const EVERY_NODE: readonly Role[] = ['control-plane', 'worker'];
/** Those that run only etcd, too. */
const EVERY_MACHINE: readonly Role[] = [...EVERY_NODE, 'etcd'];
const CONTROL_PLANES: readonly Role[] = ['control-plane'];
