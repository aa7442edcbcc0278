/** The version of everything that makes up a payload. */
export interface ComponentVersions {
  readonly kubernetes: string;
  readonly containerd: string;
  readonly runc: string;
  readonly cniPlugins: string;
  readonly flannelCni: string;
  readonly flannel: string;
  readonly etcd: string;
  readonly coredns: string;
  readonly pause: string;
  readonly haproxy: string;
}

/** Kubernetes' version where the user names none: listed in the catalog, and buildable from Go modules. */
export const DEFAULT_KUBERNETES_VERSION = '1.36.3';

/**
 * The versions that go with a Kubernetes version. etcd, CoreDNS and pause are those that kubeadm of that minor
 * version asks for (cmd/kubeadm/app/constants/constants.go); a build takes the nearest that exists as a Go module.
 * A minor version newer than the table gets the newest row.
 */
export function componentVersions(kubernetes: string, source: 'upstream' | 'build'): ComponentVersions {
  const minor = kubernetes.split('.').slice(0, 2).join('.');
  const row = ROWS[minor] ?? NEWEST_ROW;
  return {
    kubernetes,
    containerd: '2.3.4',
    runc: '1.4.3',
    cniPlugins: '1.9.1',
    flannel: '0.28.10',
    // Upstream's is what flannel 0.28.10's own manifest asks for. Its module cannot be built on its own, so a build
    // takes the last release of containernetworking/plugins that held the same plugin.
    flannelCni: source === 'upstream' ? '1.9.1-flannel3' : '0.9.1',
    ...row[source],
    pause: row.pause,
    // Of the branch with long-term support. A build has the building machine's own, under this name.
    haproxy: '3.2.21',
  };
}

interface Row {
  readonly upstream: { readonly etcd: string; readonly coredns: string };
  readonly build: { readonly etcd: string; readonly coredns: string };
  readonly pause: string;
}

const NEWEST_ROW: Row = {
  upstream: { etcd: '3.7.0', coredns: '1.14.6' },
  build: { etcd: '3.7.0', coredns: '1.14.6' },
  pause: '3.10.2',
};

const ROWS: Readonly<Record<string, Row>> = {
  '1.37': NEWEST_ROW,
  '1.36': {
    upstream: { etcd: '3.6.8', coredns: '1.14.2' },
    build: { etcd: '3.6.8', coredns: '1.14.3' },
    pause: '3.10.2',
  },
  '1.35': {
    upstream: { etcd: '3.6.6', coredns: '1.13.1' },
    build: { etcd: '3.6.8', coredns: '1.14.3' },
    pause: '3.10.1',
  },
  '1.34': {
    upstream: { etcd: '3.6.5', coredns: '1.12.1' },
    build: { etcd: '3.6.8', coredns: '1.14.3' },
    pause: '3.10.1',
  },
};
