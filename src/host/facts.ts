import type { Arch } from '../model/cluster.js';
import { arch } from './facts/arch.js';
import { type Capabilities, capabilities } from './facts/capabilities.js';
import { type Cgroup, cgroup } from './facts/cgroup.js';
import { clock } from './facts/clock.js';
import { container } from './facts/container.js';
import { cpus } from './facts/cpus.js';
import { type Disk, diskProbe } from './facts/disk.js';
import { hostname } from './facts/hostname.js';
import { type Init, init } from './facts/init.js';
import { type Kernel, kernel } from './facts/kernel.js';
import { type KernelFeature, type KernelFeatureState, kernelFeatures } from './facts/kernel-features.js';
import { type Listening, listening } from './facts/listening.js';
import { type Memory, memory } from './facts/memory.js';
import { type Network, network } from './facts/network.js';
import { type OperatingSystem, operatingSystem } from './facts/operating-system.js';
import { type Resolver, resolver } from './facts/resolver.js';
import { type Swap, swap } from './facts/swap.js';
import { type User, user } from './facts/user.js';
import { type GatherOptions, gather, type Probes, type Values, valuesOf } from './probe.js';
import type { RemoteHost } from './remote-host.js';

/** Everything about a machine that decides how it becomes a node, as it is now. */
export interface Facts {
  readonly operatingSystem: OperatingSystem;
  readonly arch: Arch;
  readonly kernel: Kernel;
  readonly hostname: string;
  readonly user: User;
  readonly init: Init;
  readonly cgroup: Cgroup;
  readonly capabilities: Capabilities;
  readonly memory: Memory;
  /** Processors that are online. */
  readonly cpus: number;
  /** The file systems that hold /var/lib, /usr/local and /etc, in this order. */
  readonly disks: readonly Disk[];
  readonly swap: readonly Swap[];
  readonly resolver: Resolver;
  readonly network: Network;
  readonly listening: readonly Listening[];
  readonly kernelFeatures: Readonly<Record<KernelFeature, KernelFeatureState>>;
  /** What kind of container the machine is; absent on one with its own kernel. */
  readonly container: string | undefined;
  readonly clock: Clock;
}

/** Milliseconds. */
export interface Clock {
  /** The host's time since 1970 when it was asked. */
  readonly time: number;
  /** How far it is ahead of this machine's (negative: behind), give or take `uncertainty`. */
  readonly skew: number;
  /** Half of the time that asking took. */
  readonly uncertainty: number;
}

/** The probes behind `Facts`, for whoever wants some of them only. */
export const FACT_PROBES = {
  // The clock first: the sooner after asking, the better it is known when the answer was given.
  clock,
  operatingSystem,
  arch,
  kernel,
  hostname,
  user,
  init,
  cgroup,
  capabilities,
  memory,
  cpus,
  disks: diskProbe(['/var/lib', '/usr/local', '/etc']),
  swap,
  resolver,
  network,
  listening,
  kernelFeatures,
  container,
};

/**
 * All facts of a host, and the answers of `extra` probes, in one round trip. Rejects with `facts-unreadable` that
 * names every probe that failed.
 */
export async function gatherFacts<Extra extends Probes = Record<never, never>>(
  host: RemoteHost,
  extra: Extra,
  options: GatherOptions,
): Promise<{ readonly facts: Facts; readonly extra: Values<Extra> }> {
  const prefixed = Object.fromEntries(Object.entries(extra).map(([name, probe]) => [`extra ${name}`, probe]));
  const asked = Date.now();
  const outcomes = await gather(host, { ...FACT_PROBES, ...prefixed }, options);
  const answered = Date.now();
  const values: Values<typeof FACT_PROBES> & Readonly<Record<string, unknown>> = valuesOf(host, outcomes);
  const { clock: time, ...rest } = pick(values, FACT_PROBES);
  const facts: Facts = {
    ...rest,
    clock: { time, skew: Math.round(time - (asked + answered) / 2), uncertainty: (answered - asked) / 2 },
  };
  const answers = Object.fromEntries(Object.keys(extra).map((name) => [name, values[`extra ${name}`]]));
  return { facts, extra: answers as Values<Extra> };
}

function pick<T extends object>(from: T, like: object): T {
  return Object.fromEntries(Object.entries(from).filter(([name]) => name in like)) as T;
}
