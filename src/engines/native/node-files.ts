import { stringify } from 'yaml';
import { BALANCER_UNIT, type BalancedServer, balancerConfig } from './balancer.js';
import { cgroupDriver, type NodeTraits } from './traits.js';

/** A file that kubewright owns on every node, with its whole content. */
export interface NodeFile {
  readonly path: string;
  readonly content: string;
  /** What must happen after it has changed. */
  readonly afterwards?:
    | 'restart-containerd'
    | 'reload-units'
    | 'sysctl'
    | 'modules'
    | 'restart-kubelet'
    | 'unpack-balancer'
    | 'restart-balancer'
    | 'reload-balancer'
    | undefined;
}

/** The load balancer of a node: which image it is from, and its servers. */
export interface NodeBalancer {
  /** Digest of the image. */
  readonly image: string;
  readonly servers: readonly BalancedServer[];
}

/** Every configuration file of a node, in the order in which they are written. Pure. */
export function nodeFiles(
  traits: NodeTraits,
  parts: { readonly pause: string; readonly balancer?: NodeBalancer | undefined },
): readonly NodeFile[] {
  return [
    ...containerdFiles(traits, parts.pause),
    { path: PATHS.kubeletUnit, content: KUBELET_UNIT, afterwards: 'reload-units' },
    { path: PATHS.sysctl, content: SYSCTL, afterwards: 'sysctl' },
    { path: PATHS.modules, content: MODULES, afterwards: 'modules' },
    { path: PATHS.resolvConf, content: resolvConf(traits.nameservers), afterwards: 'restart-kubelet' },
    ...(parts.balancer === undefined ? [] : balancerFiles(parts.balancer)),
  ];
}

/** What containerd needs, on every machine. */
export function containerdFiles(traits: NodeTraits, pause: string): readonly NodeFile[] {
  return [
    { path: PATHS.containerdConfig, content: containerdConfig(traits, pause), afterwards: 'restart-containerd' },
    { path: PATHS.containerdUnit, content: CONTAINERD_UNIT, afterwards: 'reload-units' },
  ];
}

function balancerFiles({ image, servers }: NodeBalancer): readonly NodeFile[] {
  return [
    { path: PATHS.balancerImage, content: image, afterwards: 'unpack-balancer' },
    { path: PATHS.balancerConfig, content: balancerConfig(servers), afterwards: 'reload-balancer' },
    { path: PATHS.balancerUnit, content: BALANCER_UNIT, afterwards: 'restart-balancer' },
  ];
}

export const PATHS = {
  containerdConfig: '/etc/containerd/config.toml',
  containerdUnit: '/etc/systemd/system/containerd.service',
  kubeletUnit: '/etc/systemd/system/kubelet.service',
  sysctl: '/etc/sysctl.d/90-kubewright.conf',
  modules: '/etc/modules-load.d/kubewright.conf',
  /** kubelet's own: the host's /etc/resolv.conf stays as it is. */
  resolvConf: '/etc/kubernetes/kubelet-resolv.conf',
  /** The configuration of a kubelet that is in no cluster. */
  standaloneKubelet: '/etc/kubewright/kubelet.yaml',
  /** Written with the unpacked image that it names. */
  balancerImage: '/opt/kubewright/haproxy/.image',
  balancerConfig: '/etc/kubewright/haproxy/haproxy.cfg',
  balancerUnit: '/etc/systemd/system/kubewright-api.service',
  virtualIpConfig: '/etc/kubewright/keepalived/keepalived.conf',
  virtualIpCheck: '/etc/kubewright/keepalived/api-ready',
  virtualIpUnit: '/etc/systemd/system/kubewright-virtual-ip.service',
} as const;

/**
 * containerd 2.x, configuration version 3.
 * `restrict_oom_score_adj`: without CAP_SYS_RESOURCE the sandbox's -998 would be refused and no pod start.
 */
function containerdConfig(traits: NodeTraits, pause: string): string {
  return `# Written by kubewright.
version = 3

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '${pause}'

[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = ${!traits.canLowerOomScore}

  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = 'io.containerd.runc.v2'

    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      BinaryName = '/usr/local/sbin/runc'
      SystemdCgroup = ${cgroupDriver(traits) === 'systemd'}
`;
}

function resolvConf(nameservers: readonly string[]): string {
  return [
    '# Written by kubewright for kubelet and cluster DNS only.',
    ...nameservers.map((it) => `nameserver ${it}`),
    '',
  ].join('\n');
}

/** From containerd's own unit, without the modprobe that containers cannot do (modules-load.d does it). */
const CONTAINERD_UNIT = `# Written by kubewright.
[Unit]
Description=containerd container runtime
Documentation=https://containerd.io
After=network.target local-fs.target

[Service]
ExecStart=/usr/local/bin/containerd
Type=notify
Delegate=yes
KillMode=process
Restart=always
RestartSec=2
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
OOMScoreAdjust=-999

[Install]
WantedBy=multi-user.target
`;

/** kubeadm's own unit and drop-in in one file; it restarts until kubeadm has written its configuration. */
const KUBELET_UNIT = `# Written by kubewright.
[Unit]
Description=kubelet: the Kubernetes node agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target containerd.service
After=network-online.target containerd.service
StartLimitIntervalSec=0
ConditionPathExists=/var/lib/kubelet/config.yaml

[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=/usr/local/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`;

const SYSCTL = `# Written by kubewright: pods are routed through this host.
net.ipv4.ip_forward = 1
net.bridge.bridge-nf-call-iptables = 1
net.bridge.bridge-nf-call-ip6tables = 1
`;

const MODULES = `# Written by kubewright.
overlay
br_netfilter
vxlan
`;

/** One YAML stream of several documents. */
export function yamlDocuments(documents: readonly unknown[]): string {
  return documents.map((document) => stringify(document, { lineWidth: 0 })).join('---\n');
}
