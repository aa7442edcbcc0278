import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair } from '../../src/transport/ssh/keys.js';
import type { SshTarget } from '../../src/transport/target.js';

/** A user of a test machine. Every one accepts the rig's key. */
export interface SshdUser {
  readonly name: string;
  /** Default /bin/bash. */
  readonly shell?: string;
  /** Default `none`. */
  readonly sudo?: 'none' | 'without-password' | 'with-password';
  /** For sudo. Default "correct horse". */
  readonly password?: string;
  /** Default `writable`. */
  readonly home?: 'writable' | 'read-only' | 'missing';
}

export interface SshdOptions {
  readonly users?: readonly SshdUser[];
  /** Further lines of sshd_config. */
  readonly config?: readonly string[];
  /** Programs that the machine does not have. */
  readonly without?: readonly string[];
  /** Shell commands run on the machine before sshd starts. */
  readonly setup?: string;
  readonly hostKey?: { readonly privateKey: string; readonly publicKey: string };
  readonly port?: number;
}

/**
 * A real sshd on loopback that is a machine of its own as far as tests can tell: own processes, own /etc, /root and
 * /home (mount and pid namespaces of this machine's file system). Disposing of it kills everything in it.
 */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  /** "ssh-ed25519 AAAA…". */
  readonly hostKey: string;
  readonly identityFile: string;
  /** A folder for the test, gone with the machine. */
  readonly folder: string;
  target(overrides?: Partial<SshTarget>): SshTarget;
  /** Kills the processes that serve open connections, as a reset of them all would look. */
  cutConnections(): Promise<void>;
  log(): string;
}

/** Why no sshd can be had here; undefined when one can. */
export const sshdMissing: string | undefined =
  process.platform !== 'linux' || process.getuid?.() !== 0
    ? 'a real sshd needs root on Linux'
    : ['/usr/sbin/sshd', '/usr/bin/sudo', '/usr/bin/unshare'].find((path) => !existsSync(path))?.concat(' is missing');

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = await mkdtemp(join(tmpdir(), 'kubewright-sshd-'));
  const port = options.port ?? (await freePort());
  const hostKey = options.hostKey ?? generateKeyPair('host');
  const identity = generateKeyPair('test');
  const identityFile = join(folder, 'id_ed25519');
  await mkdir(join(folder, 'machine'));
  await writeFile(join(folder, 'host_key'), hostKey.privateKey, { mode: 0o600 });
  await writeFile(join(folder, 'host_key.pub'), `${hostKey.publicKey}\n`);
  await writeFile(identityFile, identity.privateKey, { mode: 0o600 });
  await writeFile(join(folder, 'authorized_keys'), `${identity.publicKey}\n`);
  await writeFile(join(folder, 'sshd_config'), sshdConfig(folder, port, options.config ?? []));
  await writeFile(join(folder, 'start.sh'), startScript(folder, options));
  // However this process ends, the machine ends with it.
  const child = spawn(
    'setpriv',
    [
      '--pdeathsig',
      'KILL',
      'unshare',
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
      '--propagation',
      'private',
      'sh',
      join(folder, 'start.sh'),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await listening(child, join(folder, 'log'));
  return {
    port,
    hostKey: hostKey.publicKey,
    identityFile,
    folder,
    target: (overrides = {}) => ({
      name: 'node-1',
      address: '127.0.0.1',
      port,
      user: 'root',
      identity: { kind: 'file', path: identityFile },
      hostKeys: { kind: 'pinned', keys: [hostKey.publicKey] },
      ...overrides,
    }),
    cutConnections: () => killSessions(child.pid ?? 0),
    log: () => readFileSync(join(folder, 'log'), 'utf8'),
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await gone;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function sshdConfig(folder: string, port: number, lines: readonly string[]): string {
  return [
    // sshd takes the first value that it reads.
    ...lines,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host_key`,
    // Read with the user's own rights.
    'AuthorizedKeysFile /run/authorized_keys',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    'PidFile none',
    'LogLevel VERBOSE',
    '',
  ].join('\n');
}

function startScript(folder: string, options: SshdOptions): string {
  const { users = [], without = [], setup = '' } = options;
  const machine = `${folder}/machine`;
  const overlay = (path: string, name: string) =>
    `mkdir ${machine}/${name} ${machine}/${name}.work && mount -t overlay overlay -o lowerdir=${path},upperdir=${machine}/${name},workdir=${machine}/${name}.work ${path}`;
  return [
    'set -e',
    `mount -t tmpfs tmpfs ${machine}`,
    overlay('/etc', 'etc'),
    'mount -t tmpfs tmpfs /root && cp /etc/skel/.bashrc /etc/skel/.profile /root/',
    'mount -t tmpfs -o mode=755 tmpfs /home',
    'mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/sshd',
    `cp ${folder}/authorized_keys /run/authorized_keys && chmod 644 /run/authorized_keys`,
    ...(without.length > 0
      ? [overlay('/usr/bin', 'bin'), `rm -f ${without.map((name) => `/usr/bin/${name}`).join(' ')}`]
      : []),
    'rm -rf /etc/sudoers.d && mkdir -m 750 /etc/sudoers.d',
    ...users.flatMap(userLines),
    setup,
    `exec /usr/sbin/sshd -D -f ${folder}/sshd_config -E ${folder}/log`,
    '',
  ].join('\n');
}

function userLines(user: SshdUser): string[] {
  const { name, shell = '/bin/bash', sudo = 'none', password = 'correct horse', home = 'writable' } = user;
  const folder = home === 'missing' ? '-M -d /nonexistent' : '-m';
  return [
    `useradd ${folder} -s ${shell} ${name}`,
    `echo '${name}:${password}' | chpasswd`,
    ...(sudo === 'without-password' ? [`echo '${name} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/${name}`] : []),
    ...(sudo === 'with-password' ? [`echo '${name} ALL=(ALL) ALL' > /etc/sudoers.d/${name}`] : []),
    ...(home === 'read-only'
      ? [`mount --bind /home/${name} /home/${name} && mount -o remount,ro,bind /home/${name}`]
      : []),
  ];
}

async function listening(child: ChildProcess, log: string): Promise<void> {
  let complaints = '';
  child.stderr?.on('data', (chunk) => {
    complaints += String(chunk);
  });
  let exited = false;
  child.once('exit', () => {
    exited = true;
  });
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    const text = await readFile(log, 'utf8').catch(() => '');
    if (text.includes('Server listening on')) return;
    if (exited) throw new Error(`sshd did not start: ${complaints}${text}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`sshd does not listen: ${complaints}`);
}

/** sshd serves a connection with one process, or two (privilege separation), below the listener, the child of unshare. */
async function killSessions(unshare: number): Promise<void> {
  const [listener] = await childrenOf(unshare);
  const below = async (pid: number): Promise<number[]> => {
    const children = await childrenOf(pid);
    return [...children, ...(await Promise.all(children.map(below))).flat()];
  };
  for (const pid of listener === undefined ? [] : await below(listener)) {
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    if (name.trim() === 'sshd') process.kill(pid, 'SIGKILL');
  }
}

async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.flatMap((stat) => {
    const match = /^(\d+) \(.*\) \S (\d+) /s.exec(stat);
    return match !== null && Number(match[2]) === parent ? [Number(match[1])] : [];
  });
}
