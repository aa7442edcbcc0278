import type { Engine } from './engine.js';

/** What a container needs so that systemd, containerd and a kubelet run in it, as far as the engine can give it. */
export type Privileges =
  /** The usual case: everything. */
  | { readonly kind: 'privileged' }
  /** The engine itself lacks some capabilities: everything but these ("SYS_RESOURCE"). */
  | { readonly kind: 'capabilities'; readonly lacking: readonly string[] };

/** The flags of `docker create` for these privileges. */
export function privilegeFlags(engine: Pick<Engine, 'program'>, privileges: Privileges): readonly string[] {
  const own = [
    '--cgroupns',
    'private',
    ...(engine.program === 'podman' ? ['--systemd', 'always', '--pids-limit', '-1'] : []),
  ];
  if (privileges.kind === 'privileged') return ['--privileged', ...own];
  return [
    ...['--cap-add', 'ALL', ...privileges.lacking.flatMap((name) => ['--cap-drop', name])],
    ...[
      '--security-opt',
      'seccomp=unconfined',
      '--security-opt',
      'apparmor=unconfined',
      '--security-opt',
      'label=disable',
    ],
    ...['--security-opt', engine.program === 'podman' ? 'unmask=ALL' : 'systempaths=unconfined'],
    ...['--device-cgroup-rule', 'a *:* rwm', '--device', '/dev/kmsg'],
    ...own,
  ];
}

/** Names of the capabilities that a bounding set (CapBnd of /proc/PID/status, hexadecimal) lacks. */
export function lackingCapabilities(boundingSet: string): readonly string[] {
  const bits = BigInt(`0x${boundingSet}`);
  return CAPABILITIES.filter((_, index) => ((bits >> BigInt(index)) & 1n) === 0n);
}

/** By number: linux/capability.h. */
const CAPABILITIES = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP'],
  ...['LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER'],
  ...['SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE'],
  ...['SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP'],
  ...['MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF'],
  'CHECKPOINT_RESTORE',
] as const;
