/**
 * What a host can do, as far as Kubernetes' configuration depends on it. Derived from facts
 * (never from the provider's or the system's name), so that a container node and a server are set up by the
 * same code and each gets what is right for it.
 */
export interface NodeTraits {
  /** The kernel's cgroup hierarchy: 2 where /sys/fs/cgroup is cgroup2, else 1 (also hybrid). */
  readonly cgroupVersion: 1 | 2;
  /** May root lower a process's oom_score_adj? Without CAP_SYS_RESOURCE it may not. */
  readonly canLowerOomScore: boolean;
  /** Is the machine a container that shares its kernel with others? */
  readonly container: boolean;
  /** Is swap on? In a container that is the whole machine's swap, which nobody inside can turn off. */
  readonly swap: boolean;
  /** Resolvers that pods may use: real ones, no loopback addresses. */
  readonly nameservers: readonly string[];
}

/** systemd drives cgroups where it owns a v2 tree; on v1 kubelet and runc write the tree themselves. */
export function cgroupDriver(traits: NodeTraits): 'systemd' | 'cgroupfs' {
  return traits.cgroupVersion === 2 ? 'systemd' : 'cgroupfs';
}
