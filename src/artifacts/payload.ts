import type { Arch, Role } from '../model/cluster.js';

/**
 * Everything a node needs, verified and lying on this machine: plain files by destination, and
 * container images as OCI archives. The same whatever source it came from.
 */
export interface Payload {
  readonly arch: Arch;
  readonly kubernetesVersion: string;
  /** Where it came from, to be said aloud. */
  readonly source: 'cache' | 'upstream' | 'build';
  readonly files: readonly PayloadFile[];
  readonly images: readonly PayloadImage[];
}

/** A binary that belongs on a node. */
export interface PayloadFile {
  /** "kubelet", "containerd", "cni/bridge". */
  readonly name: string;
  readonly version: string;
  /** Absolute path on the node. */
  readonly destination: string;
  /** Hex, of the file's content. */
  readonly sha256: string;
  readonly size: number;
  /** Absolute path on this machine. */
  readonly path: string;
  readonly roles: readonly Role[];
}

/** A container image as an OCI archive (tar) that `ctr images import` takes. */
export interface PayloadImage {
  /** "registry.k8s.io/kube-apiserver:v1.36.3". */
  readonly ref: string;
  /** "kube-apiserver", "etcd", "pause", "coredns", "kube-proxy", "flannel", "haproxy"… */
  readonly name: string;
  readonly version: string;
  /** Digest of the manifest: "sha256:…". */
  readonly digest: string;
  /** Hex, of the archive. */
  readonly sha256: string;
  readonly size: number;
  readonly path: string;
  readonly roles: readonly Role[];
}
