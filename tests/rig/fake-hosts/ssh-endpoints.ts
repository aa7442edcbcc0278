import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { generateKeyPair } from '../../../src/transport/ssh/keys.js';
import type { SshTarget } from '../../../src/transport/target.js';
import type { FakeMachine } from './machine.js';
import { serveShell } from './serve-shell.js';

/** Real SSH servers in front of fake machines, one a machine, each on a port of loopback. */
export interface SshEndpoints extends AsyncDisposable {
  target(name: string): SshTarget;
  /** By machine: sessions that ran a command. */
  readonly commands: ReadonlyMap<string, number>;
  /** Connections that are open now. */
  open(): number;
  /** The most handshakes that were under way at the same time. */
  mostHandshakes(): number;
}

/** Starts them. They let the rig's key in, and run what `sh -s` reads on the fake machine. */
export async function startSshEndpoints(machines: Iterable<FakeMachine>): Promise<SshEndpoints> {
  const folder = await mkdtemp(join(tmpdir(), 'kubewright-endpoints-'));
  const hostKey = generateKeyPair('');
  const identityFile = join(folder, 'id_ed25519');
  await writeFile(identityFile, generateKeyPair('').privateKey, { mode: 0o600 });
  const commands = new Map<string, number>();
  const connections = new Set<ssh2.Connection>();
  let handshakes = 0;
  let mostHandshakes = 0;

  const listen = async (machine: FakeMachine) => {
    const server = new ssh2.Server({ hostKeys: [hostKey.privateKey] }, (connection) => {
      connections.add(connection);
      handshakes += 1;
      mostHandshakes = Math.max(mostHandshakes, handshakes);
      connection.on('error', () => {});
      connection.on('close', () => connections.delete(connection));
      connection.on('authentication', (context) => context.accept());
      connection.on('ready', () => {
        handshakes -= 1;
      });
      connection.on('session', (accept) => {
        accept().on('exec', (acceptExec, rejectExec, { command }) => {
          if (command !== 'exec sh -s') return rejectExec();
          commands.set(machine.name, (commands.get(machine.name) ?? 0) + 1);
          serve(machine, acceptExec());
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { machine, server };
  };
  const servers = new Map(
    (await Promise.all([...machines].map(listen))).map(({ machine, server }) => [machine.name, server]),
  );

  return {
    commands,
    open: () => connections.size,
    mostHandshakes: () => mostHandshakes,
    target: (name) => ({
      name,
      address: '127.0.0.1',
      port: portOf(servers.get(name)),
      user: 'root',
      identity: { kind: 'file', path: identityFile },
      hostKeys: { kind: 'pinned', keys: [hostKey.publicKey] },
    }),
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.end();
      await Promise.all(
        [...servers.values()].map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
      );
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function portOf(server: ssh2.Server | undefined): number {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function serve(machine: FakeMachine, channel: ssh2.ServerChannel): void {
  let gone = false;
  channel.on('close', () => {
    gone = true;
  });
  const ended = serveShell(machine, channel, {
    out: (text, stream) => void (stream === 'stdout' ? channel : channel.stderr).write(text),
    alive: () => !gone,
    breaksAt: undefined,
  });
  ended
    .then((code) => {
      channel.exit(code);
      channel.end();
    })
    .catch(() => channel.close());
}
