import type { Payload } from '../../artifacts/payload.js';
import type { StepRef } from '../../core/step.js';
import type { Unit } from '../../host/facts/units.js';
import type { RemoteHost } from '../../host/remote-host.js';
import type { Arch, Cluster, NodeSpec } from '../../model/cluster.js';
import type { Machine } from '../../providers/provider.js';
import type { SshTarget } from '../../transport/target.js';
import type { EtcdState } from './etcd/state.js';
import type { InstalledState, KubernetesState } from './probes.js';
import type { NodeTraits } from './traits.js';
import type { KeepalivedState } from './virtual-ip/state.js';

/** What the engine is given: machines that will have sshd, and ways to reach them and to get artifacts. */
export interface EngineContext {
  readonly cluster: Cluster;
  /** By node name: the step that makes the machine. */
  readonly machines: ReadonlyMap<string, StepRef<Machine>>;
  readonly payload: (arch: Arch, signal: AbortSignal) => Promise<Payload>;
  /** Opens the host's connection, or gives the open one. */
  readonly openHost: (target: SshTarget, signal: AbortSignal) => Promise<RemoteHost>;
  /** Told every secret that is made or read, so that nothing of the run shows it. */
  readonly rememberSecret: (secret: string) => void;
}

/** What preflight and the steps need to know of a host itself. */
export interface HostFacts {
  readonly arch: Arch;
  readonly systemd: boolean;
  /** The kernel's release: "6.1.0-18-amd64". */
  readonly kernel: string;
  readonly memoryBytes: number;
  readonly cpus: number;
  /** Where /var/lib lies. */
  readonly diskFreeBytes: number;
  readonly listening: ReadonlySet<number>;
  readonly addresses: ReadonlySet<string>;
  /** Which network interface each of them is on. */
  readonly interfaces: ReadonlyMap<string, string>;
  /** Positive: its clock is ahead of this machine's. */
  readonly clockSkewMs: number;
}

/** One host as it was found: everything that the checks of its steps need, from one round trip. */
export interface HostView {
  readonly node: NodeSpec;
  readonly machine: Machine;
  readonly host: RemoteHost;
  readonly facts: HostFacts;
  readonly traits: NodeTraits;
  readonly installed: InstalledState;
  readonly kubernetes: KubernetesState;
  /** What there is of etcd, on its own machines and on control planes. */
  readonly etcd: EtcdState;
  readonly keepalived: KeepalivedState;
  /** By path: sha256 of each configuration file of ours that exists. */
  readonly configuration: ReadonlyMap<string, string>;
  /** By path: their texts. */
  readonly contents: ReadonlyMap<string, string>;
  /** The state of containerd.service and kubelet.service by name. */
  readonly units: ReadonlyMap<string, Unit>;
}

/** The ids of the steps of one node, so that steps can need each other without importing each other. */
export function nodeStep(node: Pick<NodeSpec, 'name'>, name: NodeStepName): string {
  return `${node.name}/${name}`;
}

type NodeStepName =
  | 'machine'
  | 'facts'
  | 'prepare'
  | 'init'
  | 'join'
  | 'addons'
  | 'leave'
  | 'reset'
  | 'api-servers'
  | 'certificates'
  | 'etcd'
  | 'etcd-client'
  | 'etcd-servers'
  | 'virtual-ip'
  | 'virtual-ip-peers';
