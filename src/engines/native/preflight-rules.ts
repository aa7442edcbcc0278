import type { NodeSpec } from '../../model/cluster.js';
import { isEtcdMachine } from './endpoint.js';

/** What preflight judges about one host: the part of its facts that decides whether it can become a node. */
export interface HostCondition {
  readonly node: NodeSpec;
  /** The address that other nodes will use. */
  readonly address: string;
  readonly systemd: boolean;
  readonly arch: string;
  /** "6.1.0-18-amd64". */
  readonly kernel: string;
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Free bytes where /var/lib lies. */
  readonly diskFreeBytes: number;
  readonly swap: boolean;
  readonly container: boolean;
  /** TCP ports that something listens on. */
  readonly listening: ReadonlySet<number>;
  readonly addresses: ReadonlySet<string>;
  readonly nameservers: readonly string[];
  /** How far its clock is from this machine's, in milliseconds. */
  readonly clockSkewMs: number;
  readonly joined: boolean;
  readonly controlPlane: boolean;
  readonly unfinished: boolean;
  /** Data of an etcd lie there that kubewright did not begin. */
  readonly foreignEtcd: boolean;
  readonly apiPort: number;
  /** Has the cluster machines of their own for etcd? */
  readonly externalEtcd: boolean;
  /** The port of the node's own load balancer, where it is to have one that does not run yet. */
  readonly balancerPort: number | undefined;
  /** Does it get its artifacts from a mount, so that they need no room of its own? */
  readonly artifactsMounted: boolean;
}

export interface Problem {
  readonly host: string;
  readonly text: string;
  readonly fix: string;
}

/** Every reason why this host cannot become (or go on being) a node. Pure. */
export function problemsOf(host: HostCondition): readonly Problem[] {
  return RULES.flatMap((rule) => {
    const problem = rule(host);
    return problem === undefined ? [] : [{ host: host.node.name, ...problem }];
  });
}

type Rule = (host: HostCondition) => { readonly text: string; readonly fix: string } | undefined;

const needsSystemd: Rule = ({ systemd }) =>
  systemd
    ? undefined
    : {
        text: 'systemd is not the init system',
        fix: 'Use a distribution that runs systemd: Debian, Ubuntu or the RHEL family.',
      };

const needsKnownArchitecture: Rule = ({ arch }) =>
  arch === 'amd64' || arch === 'arm64'
    ? undefined
    : { text: `its architecture is ${arch}`, fix: 'Kubernetes nodes here are amd64 or arm64.' };

/** kube-proxy's nftables mode needs 5.13. Source: Kubernetes, "Virtual IPs and Service Proxies", nftables proxy mode. */
const needsNewKernel: Rule = ({ kernel, node }) => {
  if (isEtcdMachine(node)) return undefined;
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  if (major > MIN_KERNEL.major || (major === MIN_KERNEL.major && minor >= MIN_KERNEL.minor)) return undefined;
  return {
    text: `its kernel ${kernel} is older than ${MIN_KERNEL.major}.${MIN_KERNEL.minor}, which kube-proxy's nftables mode needs`,
    fix: 'Upgrade the kernel, or the distribution.',
  };
};

const needsMemory: Rule = ({ memoryBytes, node }) => {
  const needed = node.roles.includes('control-plane') ? CONTROL_PLANE_MEMORY : WORKER_MEMORY;
  if (memoryBytes >= needed) return undefined;
  return {
    text: `it has ${mebibytes(memoryBytes)} MiB of memory; a ${node.roles[0]} needs ${mebibytes(needed)} MiB`,
    fix: 'Give the machine more memory.',
  };
};

const needsCpus: Rule = ({ cpus, node }) =>
  !node.roles.includes('control-plane') || cpus >= 2
    ? undefined
    : { text: `it has ${cpus} CPU; a control plane needs 2`, fix: 'Give the machine another CPU.' };

const needsDisk: Rule = ({ diskFreeBytes, artifactsMounted, joined }) => {
  const needed = joined ? DISK_JOINED : artifactsMounted ? DISK_MOUNTED : DISK_NEW;
  if (diskFreeBytes >= needed) return undefined;
  return {
    text: `only ${mebibytes(diskFreeBytes)} MiB are free on the disk of /var/lib; ${mebibytes(needed)} MiB are needed`,
    fix: 'Free some room there, or give the machine a larger disk.',
  };
};

/** The kubelet refuses to start with swap on. In a container it is the machine's swap and kubelet is told so. */
const refusesSwap: Rule = ({ swap, container }) =>
  swap && !container
    ? { text: 'swap is on', fix: 'Turn it off: `swapoff -a`, and take its line out of /etc/fstab.' }
    : undefined;

const needsFreePorts: Rule = ({
  node,
  listening,
  joined,
  controlPlane,
  unfinished,
  apiPort,
  balancerPort,
  externalEtcd,
}) => {
  if (joined || controlPlane || unfinished) return undefined;
  const wanted = [
    ...(node.roles.includes('control-plane') ? [apiPort, ...CONTROL_PLANE_PORTS] : []),
    ...(isEtcdMachine(node) || (node.roles.includes('control-plane') && !externalEtcd) ? ETCD_PORTS : []),
    ...[KUBELET_PORT, ...(balancerPort === undefined ? [] : [balancerPort])],
  ];
  const taken = wanted.filter((port) => listening.has(port));
  if (taken.length === 0) return undefined;
  return {
    text: `port ${taken.join(', ')} is in use by something else`,
    fix: 'Find it with `ss -ltnp` on the host and stop it, or choose another host.',
  };
};

/** What kubewright has not begun it must not clear away either. */
const needsNoOtherEtcd: Rule = ({ foreignEtcd }) =>
  foreignEtcd
    ? {
        text: '/var/lib/etcd holds the data of an etcd that kubewright did not begin',
        fix: 'Move them away if nobody needs them there, or choose another host.',
      }
    : undefined;

const needsItsAddress: Rule = ({ address, addresses }) =>
  addresses.has(address)
    ? undefined
    : {
        text: `${address} is on none of its interfaces (it has ${[...addresses].join(', ') || 'none'})`,
        fix: 'Set `internalAddress` of this host to the address that the other nodes reach it by.',
      };

const needsResolver: Rule = ({ nameservers, node }) =>
  nameservers.length > 0 || isEtcdMachine(node)
    ? undefined
    : {
        text: 'it knows no name server that pods could use (loopback ones do not work from a pod)',
        fix: 'Set network.upstreamDns in cluster.yaml to the addresses of your resolvers.',
      };

const needsTheTime: Rule = ({ clockSkewMs }) =>
  Math.abs(clockSkewMs) <= MAX_SKEW_MS
    ? undefined
    : {
        text: `its clock is ${Math.round(Math.abs(clockSkewMs) / 1000)} s ${clockSkewMs > 0 ? 'ahead of' : 'behind'} this machine's; certificates would be refused`,
        fix: 'Set the clock: `timedatectl set-ntp true`.',
      };

const RULES: readonly Rule[] = [
  needsSystemd,
  needsKnownArchitecture,
  needsNewKernel,
  needsMemory,
  needsCpus,
  needsDisk,
  refusesSwap,
  needsFreePorts,
  needsNoOtherEtcd,
  needsItsAddress,
  needsResolver,
  needsTheTime,
];

function mebibytes(bytes: number): number {
  return Math.floor(bytes / 2 ** 20);
}

const MIN_KERNEL = { major: 5, minor: 13 };
/** kubeadm's own numbers: 1700 MB for a control plane. */
const CONTROL_PLANE_MEMORY = 1700 * 10 ** 6;
const WORKER_MEMORY = 700 * 10 ** 6;
const CONTROL_PLANE_PORTS = [10257, 10259];
const ETCD_PORTS = [2379, 2380];
const KUBELET_PORT = 10250;
const DISK_NEW = 4 * 2 ** 30;
const DISK_MOUNTED = 2 ** 30;
const DISK_JOINED = 200 * 2 ** 20;
const MAX_SKEW_MS = 60_000;
