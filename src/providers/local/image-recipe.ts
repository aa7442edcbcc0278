import { createHash } from 'node:crypto';
import { type TarEntry, withParents } from '../../artifacts/oci/tar.js';

/*
 * What the node image consists of: Debian with systemd and sshd and what kubeadm, the kubelet and kube-proxy call,
 * no Kubernetes and no Python. It boots fast because nothing starts that a container has no use for: measured on
 * two cores, three at once, 3.4 s from `docker run` to sshd as Debian is, 0.9 s like this.
 */

/** Newer releases have a systemd that refuses cgroup v1, which older engines still run. */
export const DEBIAN = 'bookworm';

export const PACKAGES = [
  ...['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'sudo', 'procps', 'kmod', 'mount', 'util-linux'],
  ...['iproute2', 'iptables', 'nftables', 'ebtables', 'ipset', 'conntrack', 'socat', 'ethtool', 'iputils-ping'],
  ...['ca-certificates', 'curl'],
] as const;

/** Removed from what the packages bring: what can be fetched again, what nobody reads on a node, and every host key. */
export const REMOVED = [
  ...['var/cache/apt/*', 'var/lib/apt/lists/*', 'var/log/*', 'var/cache/debconf/*-old', 'var/lib/dpkg/*-old'],
  ...['usr/share/doc/*', 'usr/share/man/*', 'usr/share/info/*', 'usr/share/locale/*'],
  // Debian's own settings are of the whole kernel, so of the machine that the containers run on.
  'usr/lib/sysctl.d/*',
  // What the packages' scripts enabled: what a node needs stands below.
  'etc/systemd/system/*.wants',
  'etc/ssh/ssh_host_*',
] as const;

/** Units without use in a container, by kind. */
const MASKED: Readonly<Record<string, readonly string[]>> = {
  service: [
    ...['console-getty', 'e2scrub_reap', 'kmod-static-nodes', 'modprobe@', 'nftables', 'sudo', 'systemd-binfmt'],
    ...['systemd-firstboot', 'systemd-logind', 'systemd-machine-id-commit', 'systemd-pcrphase'],
    ...['systemd-pcrphase-sysinit', 'systemd-pstore', 'systemd-random-seed', 'systemd-remount-fs', 'systemd-repart'],
    ...['systemd-sysusers', 'systemd-tmpfiles-setup-dev', 'systemd-udev-trigger', 'systemd-udevd'],
    ...['systemd-update-utmp', 'systemd-update-utmp-runlevel', 'systemd-user-sessions'],
  ],
  socket: ['ssh', 'systemd-initctl', 'systemd-journald-audit', 'systemd-udevd-control', 'systemd-udevd-kernel'],
  timer: ['apt-daily', 'apt-daily-upgrade', 'dpkg-db-backup', 'e2scrub_all', 'fstrim'],
  target: ['cryptsetup', 'getty', 'integritysetup', 'veritysetup'],
  path: ['systemd-ask-password-console', 'systemd-ask-password-wall'],
  mount: [
    ...['dev-hugepages', 'dev-mqueue', 'sys-fs-fuse-connections'],
    ...['sys-kernel-config', 'sys-kernel-debug', 'sys-kernel-tracing'],
  ],
  automount: ['proc-sys-fs-binfmt_misc'],
};

/** Programs that write units at each boot, and find nothing to write them from here. */
const MASKED_GENERATORS = [
  ...['cryptsetup', 'debug', 'fstab', 'getty', 'gpt-auto', 'hibernate-resume', 'integritysetup', 'rc-local', 'run'],
  ...['system-update', 'sysv', 'veritysetup', 'bless-boot'],
] as const;

/** sshd needs nothing of what boots beside it. */
const SSH_UNIT = `[Unit]
Description=OpenSSH server
Documentation=man:sshd(8)
DefaultDependencies=no
Conflicts=shutdown.target
Before=shutdown.target

[Service]
ExecStart=/usr/sbin/sshd -D -e
ExecReload=/bin/kill -HUP $MAINPID
RuntimeDirectory=sshd
RuntimeDirectoryMode=0755
KillMode=process
Restart=always

[Install]
WantedBy=sysinit.target
`;

/** A file that systemd fills in: an id in the image would be the same on all nodes. */
const FILES: Readonly<Record<string, string>> = {
  'etc/machine-id': '',
  'etc/systemd/system/ssh.service': SSH_UNIT,
  'etc/systemd/journald.conf.d/kubewright.conf': '[Journal]\nStorage=persistent\nSystemMaxUse=200M\n',
};

const LINKS: Readonly<Record<string, string>> = {
  'etc/systemd/system/default.target': '/lib/systemd/system/multi-user.target',
  'etc/systemd/system/sshd.service': '/etc/systemd/system/ssh.service',
  'etc/systemd/system/sysinit.target.wants/ssh.service': '/etc/systemd/system/ssh.service',
  ...Object.fromEntries(
    Object.entries(MASKED).flatMap(([kind, names]) =>
      names.map((name) => [`etc/systemd/system/${name}.${kind}`, '/dev/null']),
    ),
  ),
  ...Object.fromEntries(
    MASKED_GENERATORS.map((name) => [`etc/systemd/system-generators/systemd-${name}-generator`, '/dev/null']),
  ),
};

/** What is laid over the packages' files, as entries of a tar. */
export function imageFiles(): readonly TarEntry[] {
  return withParents([
    ...Object.entries(FILES).map(
      ([path, text]) => ({ path, type: 'file', mode: 0o644, content: [Buffer.from(text)] }) as const,
    ),
    ...Object.entries(LINKS).map(([path, target]) => ({ path, type: 'symlink', target }) as const),
  ]);
}

/** The image's name: another recipe is another image, and the same recipe is made once on an engine. */
export function imageName(): string {
  const recipe = JSON.stringify([DEBIAN, PACKAGES, REMOVED, FILES, LINKS]);
  return `kubewright-node:${createHash('sha256').update(recipe).digest('hex').slice(0, 12)}`;
}
