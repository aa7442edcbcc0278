import type { Diagnostic } from '../config/diagnostics.js';
import type { SerializedError } from '../core/errors.js';
import type { Change } from '../core/step.js';
import type { TunnelStatus } from '../kube/tunnel/control-client.js';
import type { Cluster } from '../model/cluster.js';

/** What each operation gives back: plain data that the CLI prints as text or as JSON. */

export interface UpResult {
  readonly cluster: string;
  readonly changed: number;
  readonly unchanged: number;
  readonly ms: number;
  readonly kubeconfig: KubeconfigResult;
  /** Path of the kubectl that was used. */
  readonly kubectl: string;
  /** What `kubectl get nodes -o wide` printed. */
  readonly nodes: string;
  /** Commands a user would want next, each with a word of why. */
  readonly next: readonly { readonly command: string; readonly why: string }[];
}

export interface KubeconfigResult {
  /** The file that was merged into. */
  readonly path: string;
  readonly context: string;
  /** Is `context` the current one now? */
  readonly current: boolean;
  /** The server URL that answered. */
  readonly server: string;
  /** `tunnel`: it leads to this machine's tunnel, which moves on when a control plane is down. */
  readonly form: 'direct' | 'tunnel';
}

/** A tunnel that was run here, started in the background, ended, or looked at. */
export interface TunnelResult {
  readonly cluster: string;
  readonly action: 'run' | 'start' | 'stop' | 'status';
  /** The one that runs in another process; of `stop`, the one that was ended. Absent: there is none. */
  readonly tunnel?: TunnelStatus | undefined;
}

export interface PlanResult {
  readonly cluster: string;
  /** Steps that would change something, in order; empty: nothing to do. */
  readonly steps: readonly PlannedStep[];
  readonly unchanged: number;
}

export interface PlannedStep {
  readonly id: string;
  readonly title: string;
  readonly host?: string | undefined;
  readonly phase: string;
  /** `unknown`: can be told only when an earlier step has been done (a machine that does not exist yet). */
  readonly verdict: 'change' | 'unknown' | 'failed';
  readonly changes: readonly Change[];
  readonly error?: SerializedError | undefined;
}

export interface StatusResult {
  readonly cluster: string;
  /** The API server that answered. */
  readonly server?: string | undefined;
  readonly apiReachable: boolean;
  /** Those of cluster.yaml, then those that have left it and are still there. */
  readonly nodes: readonly NodeStatus[];
  /** One a control plane, and before them the load balancer or virtual IP that cluster.yaml names. */
  readonly apiServers: readonly ApiServerStatus[];
  /** Absent where nobody could tell. */
  readonly etcd?: EtcdStatus | undefined;
  /** Nodes that the API knows and that are neither in cluster.yaml nor of kubewright's making. */
  readonly strangers: readonly StrangerStatus[];
  readonly drift: DriftStatus;
  /** What is wrong with the cluster as a whole, in words: what concerns a node stands there. */
  readonly problems: readonly string[];
  /** False where anything is wrong. Drift, nodes that are to be removed and strangers are not wrong. */
  readonly healthy: boolean;
}

export interface NodeStatus {
  readonly name: string;
  readonly role: string;
  /** False: cluster.yaml does not name it any more, and `up` would remove it. */
  readonly wanted: boolean;
  readonly machine: 'running' | 'stopped' | 'missing' | 'unreachable' | 'unknown';
  /** Kubernetes' Ready condition. */
  readonly ready: boolean;
  readonly version?: string | undefined;
  readonly address?: string | undefined;
  /** Control planes: when the first of its certificates expires, ISO 8601. */
  readonly certificatesExpire?: string | undefined;
  /** How many changes `plan` would show for it; absent where that was not looked at. */
  readonly pendingChanges?: number | undefined;
  /** What differs from cluster.yaml or is wrong, in words. */
  readonly problems: readonly string[];
}

export interface ApiServerStatus {
  /** Its node's name; "api.endpoint" is what cluster.yaml says there. */
  readonly name: string;
  /** The URL that was asked; absent where the machine does not exist or does not run. */
  readonly server?: string | undefined;
  readonly answers: boolean;
  /** Why not. */
  readonly error?: string | undefined;
}

export interface EtcdStatus {
  readonly members: readonly EtcdMemberStatus[];
  /** Members that vote, those of them that are healthy, and how many of these etcd needs. */
  readonly voters: number;
  readonly healthy: number;
  readonly needed: number;
}

export interface EtcdMemberStatus {
  /** Hexadecimal, as etcdctl takes it. */
  readonly id: string;
  /** Its node's name; empty for one that has never started. */
  readonly name: string;
  /** False: it is still catching up, and does not vote yet. */
  readonly votes: boolean;
  readonly healthy: boolean;
  /** Why not, in etcd's words. */
  readonly error?: string | undefined;
}

export interface StrangerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly version?: string | undefined;
}

/** What differs from cluster.yaml; each node's `pendingChanges` is part of it. */
export interface DriftStatus {
  /** All changes that were found. */
  readonly changes: number;
  /** Those of them to the network, kube-proxy and CoreDNS; absent where that was not looked at. */
  readonly addons?: number | undefined;
  /** Why it was not looked at everywhere, in words. */
  readonly unseen?: string | undefined;
}

export interface ExecResult {
  readonly host: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly error?: SerializedError | undefined;
}

export interface DownResult {
  readonly cluster: string;
  /** Machines that stay, where they existed before; none where kubewright made them. */
  readonly hosts: readonly HostReset[];
  /** Machines and what belongs to them, the context in the kubeconfig, the state folder. */
  readonly removed: readonly string[];
}

export interface ResetResult {
  readonly cluster: string;
  readonly hosts: readonly HostReset[];
  /** What was removed on this machine. */
  readonly removed: readonly string[];
}

/** A machine that Kubernetes was taken off. */
export interface HostReset {
  readonly host: string;
  /** Files, units, interfaces and so on; empty: there was no trace of kubewright. */
  readonly removed: readonly string[];
  /** What is still there, and why. */
  readonly left: readonly { readonly what: string; readonly why: string }[];
  /** Why it did not answer, where it was left out for that. */
  readonly silent?: string | undefined;
}

export interface DoctorResult {
  readonly checks: readonly {
    readonly name: string;
    readonly state: 'ok' | 'warning' | 'problem';
    readonly detail: string;
    readonly fix?: string | undefined;
  }[];
}

/** What is wrong with a cluster.yaml; without errors it is valid, warnings or not. */
export interface ValidateResult {
  readonly file: string;
  readonly valid: boolean;
  /** What the file asks for, every default filled in; absent when it is not valid. */
  readonly cluster?: Cluster | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** The diagnostics as text: each with its place, the source line and a hint. */
  readonly report: string;
}

export interface InitResult {
  /** The file that was written. */
  readonly file: string;
  readonly cluster: string;
}
