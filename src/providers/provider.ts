import type { Payload } from '../artifacts/payload.js';
import type { Step, StepRef } from '../core/step.js';
import type { Arch, Cluster, Role } from '../model/cluster.js';
import type { SshTarget } from '../transport/target.js';

/** Makes machines that have sshd and nothing of Kubernetes yet; knows nothing of Kubernetes. */
export interface Provider {
  readonly name: string;
  /** The steps that make the cluster's machines exist and answer. They run in the same graph as the engine's. */
  machines(cluster: Cluster, context: ProviderContext): Promise<MachineGraph>;
  /** The steps that leave nothing of the cluster's machines, their network and volumes behind. For `hosts`: none. */
  destroy(cluster: ClusterIdentity, context: ProviderContext): Promise<readonly Step[]>;
  /**
   * The steps that remove single machines, running or not, with everything that is theirs; each machine's has it as
   * `host`. Names that there are none of are passed over. Kubernetes is not told: whoever removes a node does that
   * before. For `hosts`: none.
   */
  destroyMachines(
    cluster: ClusterIdentity,
    names: readonly string[],
    context: ProviderContext,
  ): Promise<readonly Step[]>;
  /** What exists right now, read-only and quick: for `status`, `ssh`, `exec`. Machines that are stopped are included. */
  existing(cluster: Cluster, context: ProviderContext): Promise<readonly ExistingMachine[]>;
}

export interface ClusterIdentity {
  readonly name: string;
  readonly provider: Cluster['provider'];
}

export interface ProviderContext {
  /** The cluster's state folder (keys, known hosts, ssh_config): exists, mode 0700. */
  readonly stateDirectory: string;
  /** Gives the verified artifacts of an architecture; asked often, resolved once. */
  readonly payload: (arch: Arch, signal: AbortSignal) => Promise<Payload>;
  /** Asks for a secret without showing it; rejects off a terminal. Absent: nobody can be asked. */
  readonly askSecret?: ((prompt: string) => Promise<string>) | undefined;
}

export interface MachineGraph {
  readonly steps: readonly Step[];
  /** By node name: the step whose output is the machine, up and with sshd being started. */
  readonly machines: ReadonlyMap<string, StepRef<Machine>>;
}

/** A machine to reach over SSH. */
export interface Machine {
  readonly name: string;
  /** The address that other nodes use. */
  readonly address: string;
  readonly ssh: SshTarget;
  /** A folder on the machine where every payload file lies read-only under its sha256; absent: files must be uploaded. */
  readonly payloadDirectory?: string | undefined;
  /** Resolvers to fall back on where the machine itself knows only loopback ones: the machine around a container has real ones. */
  readonly nameservers?: readonly string[] | undefined;
  /** Where the operator reaches this machine's API port when it is not `address:port`. */
  readonly api?: { readonly host: string; readonly port: number } | undefined;
}

export interface ExistingMachine {
  readonly name: string;
  readonly state: 'running' | 'stopped' | 'unknown';
  /** What it was made for, where the machine itself tells. */
  readonly roles?: readonly Role[] | undefined;
  readonly machine?: Machine | undefined;
}
