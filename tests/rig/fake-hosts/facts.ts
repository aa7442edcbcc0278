import { etcdProbe } from '../../../src/engines/native/etcd/state.js';
import { kubernetesProbe } from '../../../src/engines/native/probes.js';
import { keepalivedProbe } from '../../../src/engines/native/virtual-ip/state.js';
import { SHA256_FUNCTION } from '../../../src/host/checksum.js';
import { arch } from '../../../src/host/facts/arch.js';
import { capabilities } from '../../../src/host/facts/capabilities.js';
import { cgroup } from '../../../src/host/facts/cgroup.js';
import { clock } from '../../../src/host/facts/clock.js';
import { container } from '../../../src/host/facts/container.js';
import { cpus } from '../../../src/host/facts/cpus.js';
import { init } from '../../../src/host/facts/init.js';
import { kernel } from '../../../src/host/facts/kernel.js';
import { listening } from '../../../src/host/facts/listening.js';
import { memory } from '../../../src/host/facts/memory.js';
import { network } from '../../../src/host/facts/network.js';
import { resolver } from '../../../src/host/facts/resolver.js';
import { swap } from '../../../src/host/facts/swap.js';
import { type FakeMachine, MANIFESTS } from './machine.js';
import { unquote, words } from './script.js';

/** Answers a probe's script as a Debian server of four processors and 8 GiB does; undefined: it is none that is known. */
export function answerProbe(machine: FakeMachine, script: string): string | undefined {
  const known = FIXED.get(script);
  if (known !== undefined) return known(machine);
  return WITH_PATHS.find(([form]) => form.test(script))?.[1](machine, script);
}

const FIXED: ReadonlyMap<string, (machine: FakeMachine) => string> = new Map([
  [arch.script.text, () => 'x86_64\n'],
  [init.script.text, () => 'systemd\nVersion=252.22-1~deb12u1\nSystemState=running\n'],
  [kernel.script.text, () => '6.1.0-18-amd64\n'],
  [memory.script.text, () => 'MemTotal:        8133372 kB\nMemAvailable:    7012240 kB\n'],
  [cpus.script.text, () => '0-3\n'],
  [listening.script.text, (machine) => portsOf(machine).map(socket).join('')],
  [
    network.script.text,
    ({ address }) =>
      `2: eth0    inet ${address}/16 brd 10.0.255.255 scope global eth0\\       valid_lft forever preferred_lft forever\ndefault via 10.0.0.1 dev eth0\n`,
  ],
  [clock.script.text, () => `${(Date.now() / 1000).toFixed(9)}\n`],
  [cgroup.script.text, () => '/sys/fs/cgroup cgroup2 rw,nosuid\ncontrollers cpuset cpu io memory pids\n'],
  [capabilities.script.text, () => 'effective\t000001ffffffffff\nbounding\t000001ffffffffff\noom yes\n'],
  [container.script.text, () => ''],
  [swap.script.text, () => 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'],
  [resolver.script.text, () => '> /etc/resolv.conf\nnameserver 10.0.0.2\n\n'],
  [kubernetesProbe.script.text, kubernetes],
  [etcdProbe.script.text, etcd],
  [keepalivedProbe.script.text, () => ''],
]);

const WITH_PATHS: readonly (readonly [RegExp, (machine: FakeMachine, script: string) => string])[] = [
  [/^set -- [\s\S]*\ndf -P -T -k -- "\$@"$/, disks],
  [/^\nfor f in [\s\S]*readlink "\$f"/, installed],
  [/^sha256\(\) \{[\s\S]*\nset -- /, files],
  [/^grep -sH '' /, contents],
  [/^systemctl show --property=/, units],
];

function kubernetes({ disk }: FakeMachine): string {
  const apiServer = disk.text(`${MANIFESTS}/kube-apiserver.yaml`);
  const kubelet = disk.text('/etc/kubernetes/kubelet.conf');
  const file = (name: string) => {
    const text = disk.text(`/etc/kubernetes/${name}`);
    const label = name.split('/').at(-1);
    return text === '' ? '' : `>${label}\n${text}\n<${label}\n`;
  };
  return [
    kubelet !== '' && disk.exists('/var/lib/kubelet/config.yaml') ? 'joined\n' : '',
    apiServer === '' ? '' : `control-plane\nversion ${/:v(\S+)/.exec(apiServer)?.[1]}\n`,
    disk.exists('/var/lib/kubewright/init-begun') ? 'init-begun\n' : '',
    disk.exists('/var/lib/kubewright/join-begun') ? 'join-begun\n' : '',
    kubelet.includes('kubelet-client-current.pem') ? 'rotating\n' : '',
    file('admin.conf'),
    file('pki/ca.crt'),
  ].join('');
}

/** As far as a control plane has etcd itself. */
function etcd({ disk }: FakeMachine): string {
  const servers = /--etcd-servers=(\S+)/.exec(disk.text(`${MANIFESTS}/kube-apiserver.yaml`))?.[1];
  return `${disk.exists(`${MANIFESTS}/etcd.yaml`) ? 'member\n' : ''}${servers === undefined ? '' : `servers ${servers}\n`}`;
}

function disks(machine: FakeMachine, script: string): string {
  const paths = words(firstLine(script).slice('set -- '.length));
  const kibibytes = Math.floor(machine.freeBytes / 1024);
  const row = `/dev/vda1      ext4      ${kibibytes + 4_000_000} 4000000  ${kibibytes}      10% /\n`;
  return `Filesystem     Type 1024-blocks    Used Available Capacity Mounted on\n${row.repeat(paths.length)}`;
}

function installed(machine: FakeMachine, script: string): string {
  const { disk } = machine;
  const [, paths = ''] = /for f in (.*); do\n/.exec(script) ?? [];
  const lines = words(paths).map((path) => {
    const entry = disk.get(path);
    if (entry === undefined) return '';
    return entry.link === undefined ? `file ${path} ${entry.size} ${entry.time}\n` : `link ${path} ${entry.link}\n`;
  });
  const manifest = disk.text('/var/lib/kubewright/files').replace(/^(?=.)/gm, 'manifest ');
  const listed = machine.isActive('containerd') && disk.exists('/usr/local/bin/ctr');
  const images = listed ? `${[...machine.images, 'images-listed'].join('\n')}\n` : '';
  return `${lines.join('')}${manifest}forward ${machine.ipForward ? 1 : 0}\n${images}`;
}

function files({ disk }: FakeMachine, script: string): string {
  const list = script.slice(SHA256_FUNCTION.text.length + 1);
  const paths = words(firstLine(list).slice('set -- '.length));
  const entries = paths.map((path) => [path, disk.get(path)] as const);
  const kinds = entries.map(([path, entry]) => {
    if (entry === undefined) return disk.exists(path) ? 'other' : 'missing';
    return entry.link === undefined ? 'file' : `link ${entry.link}`;
  });
  const there = entries.flatMap(([path, entry]) =>
    entry === undefined || entry.link !== undefined ? [] : [{ path, ...entry }],
  );
  const stats = there.map(({ mode, size }) => `stat ${mode.replace(/^0/, '')} 0 0 ${size}`);
  return `${[...kinds, ...stats, ...there.map(({ sha256, path }) => `${sha256}  ${path}`)].join('\n')}\n`;
}

function contents({ disk }: FakeMachine, script: string): string {
  const paths = words(script.slice("grep -sH '' ".length).replace(/; :$/, ''));
  return paths
    .flatMap((path) => {
      const text = disk.text(path);
      return text === '' ? [] : [`${text.replace(/\n$/, '').replace(/^/gm, `${path}:`)}\n`];
    })
    .join('');
}

function units(machine: FakeMachine, script: string): string {
  const [, names = ''] = / -- (.*)$/.exec(script) ?? [];
  const blocks = words(names).map((name) => {
    const unit = machine.units.get(name.replace(/\.service$/, ''));
    const known = machine.disk.exists(`/etc/systemd/system/${unquote(name)}`);
    return [
      `ActiveState=${unit?.active ? 'active' : 'inactive'}`,
      `SubState=${unit?.active ? 'running' : 'dead'}`,
      `UnitFileState=${unit?.enabled ? 'enabled' : known ? 'disabled' : ''}`,
      `ExecMainStartTimestampMonotonic=${unit?.startedAt ?? 0}`,
      'NRestarts=0',
    ].join('\n');
  });
  return `${blocks.join('\n\n')}\n`;
}

function portsOf(machine: FakeMachine): readonly number[] {
  return [
    22,
    ...(machine.isActive('kubelet') ? [10250] : []),
    ...(machine.isActive('kubewright-api') ? [7443] : []),
    ...(machine.pods.has('etcd') ? [2379, 2380] : []),
    ...(machine.pods.has('kube-apiserver') ? [6443] : []),
  ];
}

/** A line of /proc/net/tcp, as far as the probe prints it. */
function socket(port: number): string {
  return `00000000:${port.toString(16).toUpperCase().padStart(4, '0')}\n`;
}

function firstLine(text: string): string {
  return text.slice(0, text.indexOf('\n'));
}
