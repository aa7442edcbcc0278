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
  readonly server?: string | undefined;
  readonly apiReachable: boolean;
  readonly nodes: readonly NodeStatus[];
  readonly healthy: boolean;
}

export interface NodeStatus {
  readonly name: string;
  readonly role: string;
  readonly machine: 'running' | 'stopped' | 'missing' | 'unreachable' | 'unknown';
  /** Kubernetes' Ready condition. */
  readonly ready: boolean;
  readonly version?: string | undefined;
  readonly address?: string | undefined;
  /** Control planes: when the first of its certificates expires, ISO 8601. */
  readonly certificatesExpire?: string | undefined;
  /** What differs from cluster.yaml or is wrong, in words. */
  readonly problems: readonly string[];
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
  readonly removed: readonly string[];
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
