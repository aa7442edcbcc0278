import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { findAbilities } from '../../src/providers/local/abilities.js';
import { findEngine } from '../../src/providers/local/engine.js';
import { imageName } from '../../src/providers/local/image-recipe.js';
import { privilegeFlags } from '../../src/providers/local/privileges.js';
import { cacheDirectory } from '../../src/state/paths.js';
import { quote } from '../../src/transport/command.js';
import { generateKeyPair } from '../../src/transport/ssh/keys.js';
import { BOOT } from './boot.js';

/** Machines that somebody else made: Debian with systemd, sshd, a user with sudo, and nothing of ours. */
export interface Machines extends AsyncDisposable {
  readonly hosts: readonly { readonly name: string; readonly address: string; readonly container: string }[];
  readonly user: string;
  readonly identityFile: string;
  /** "ssh-ed25519 AAAA…", the same on each of them. */
  readonly hostKey: string;
  /** Destroys a machine with all that was on it. */
  destroy(name: string): Promise<void>;
  /** Boots a new machine with the name, the address and the keys of one that was destroyed. */
  recreate(name: string): Promise<void>;
}

export interface MachineOptions {
  /** The login user. Default: root. */
  readonly user?: string | undefined;
  /** sudo asks for this; absent: sudo asks for nothing. */
  readonly sudoPassword?: string | undefined;
  /** "10.89.7": the first three numbers of the network. */
  readonly subnet: string;
}

/**
 * Boots machines on the container engine and waits for their sshd. The node image must exist (any `up` with the local
 * provider makes it). Dispose removes them, their network and their keys.
 */
export async function bootMachines(names: readonly string[], options: MachineOptions): Promise<Machines> {
  const { user = 'root', subnet } = options;
  const prefix = `kubewright-test-${randomBytes(3).toString('hex')}`;
  const folder = await mkdtemp(join(tmpdir(), `${prefix}-`));
  const login = generateKeyPair('test');
  const host = generateKeyPair('test-host');
  const identityFile = join(folder, 'id_ed25519');
  await writeFile(identityFile, login.privateKey, { mode: 0o600 });
  const files = await writeFiles(folder, user, { ...options, login: login.publicKey, host });
  const signal = AbortSignal.timeout(120_000);
  const engine = await findEngine(undefined, signal);
  const image = imageName();
  const { privileges } = await findAbilities(engine, { image, cacheDirectory: cacheDirectory(), signal });
  const docker = (...args: readonly string[]) => execa('docker', [...args], { stdin: 'ignore', timeout: 120_000 });
  const hosts = names.map((name, index) => ({
    name,
    address: `${subnet}.${index + 11}`,
    container: `${prefix}-${name}`,
  }));
  const remove = async () => {
    await execa('docker', ['rm', '-fv', ...hosts.map(({ container }) => container)], { reject: false });
    await execa('docker', ['network', 'rm', prefix], { reject: false });
    await rm(folder, { recursive: true, force: true });
  };
  const boot = async ({ name, address, container }: Machines['hosts'][number]) => {
    await docker(
      ...['create', '--name', container, '--hostname', name, '--network', prefix, '--ip', address],
      ...[...privilegeFlags(engine, privileges), '--stop-signal', 'SIGRTMIN+3', '--tmpfs', '/run', '--tmpfs', '/tmp'],
      ...['-v', '/var', image, '/bin/sh', '-c', BOOT],
    );
    await docker('cp', `${files}/.`, `${container}:/`);
    await docker('start', container);
    await docker('exec', container, 'sh', '-c', 'until [ -e /run/prepared ]; do sleep 0.1; done');
  };
  const named = (name: string) => {
    const found = hosts.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`there is no machine ${name}`);
    return found;
  };
  try {
    await docker('network', 'create', '--subnet', `${subnet}.0/24`, prefix);
    await Promise.all(hosts.map(boot));
  } catch (error) {
    await remove();
    throw error;
  }
  const hostKey = host.publicKey.split(' ').slice(0, 2).join(' ');
  return {
    ...{ hosts, user, identityFile, hostKey },
    destroy: async (name) => void (await docker('rm', '-fv', named(name).container)),
    recreate: (name) => boot(named(name)),
    [Symbol.asyncDispose]: remove,
  };
}

/** What differs from the plain image: keys, and a service that makes the user. */
async function writeFiles(
  folder: string,
  user: string,
  options: MachineOptions & { readonly login: string; readonly host: { privateKey: string; publicKey: string } },
): Promise<string> {
  const root = join(folder, 'root');
  const put = async (path: string, text: string, mode = 0o644) => {
    await mkdir(join(root, path, '..'), { recursive: true, mode: 0o755 });
    await writeFile(join(root, path), text, { mode });
  };
  const { sudoPassword, login, host } = options;
  const rule = sudoPassword === undefined ? 'ALL=(ALL) NOPASSWD: ALL' : 'ALL=(ALL) ALL';
  const home = user === 'root' ? '/root' : `/home/${user}`;
  await put('etc/ssh/ssh_host_ed25519_key', host.privateKey, 0o600);
  await put('etc/ssh/ssh_host_ed25519_key.pub', `${host.publicKey}\n`);
  await put(
    'etc/ssh/sshd_config.d/10-test.conf',
    'HostKey /etc/ssh/ssh_host_ed25519_key\nPasswordAuthentication no\nUsePAM no\n',
  );
  await put('opt/test/authorized_keys', `${login}\n`);
  await put(
    'opt/test/prepare',
    `set -e
chown -R root:root /etc/ssh /opt/test /etc/systemd/system/test-prepare.service
if [ ${user} != root ]; then
  useradd -m -s /bin/sh ${user}
  echo ${quote(`${user}:${sudoPassword ?? 'unused'}`)} | chpasswd
  echo ${quote(`${user} ${rule}`)} > /etc/sudoers.d/test
fi
mkdir -p ${home}/.ssh && cp /opt/test/authorized_keys ${home}/.ssh/ && chmod 700 ${home}/.ssh && chmod 600 ${home}/.ssh/*
chown -R ${user} ${home}/.ssh
: > /run/prepared
`,
  );
  await put(
    'etc/systemd/system/test-prepare.service',
    '[Unit]\nDefaultDependencies=no\nBefore=ssh.service\n[Service]\nType=oneshot\nExecStart=/bin/sh /opt/test/prepare\nRemainAfterExit=yes\n',
  );
  await put(
    'etc/systemd/system/ssh.service.d/test.conf',
    '[Unit]\nRequires=test-prepare.service\nAfter=test-prepare.service\n',
  );
  return root;
}
