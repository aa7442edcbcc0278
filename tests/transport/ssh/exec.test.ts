import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sh } from '../../../src/transport/command.js';
import { connectSsh } from '../../../src/transport/ssh/connect.js';
import { generateKeyPair } from '../../../src/transport/ssh/keys.js';
import type { SshTarget } from '../../../src/transport/target.js';

const options = { signal: new AbortController().signal, timeoutMs: 10_000 };
const hostKey = generateKeyPair('');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-exec-'));
  await writeFile(join(folder, 'key'), generateKeyPair('').privateKey, { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** An SSH server that lets everybody in and misbehaves from there on, as no sshd can be made to. */
async function misbehave(
  onSession: (session: ssh2.Session, connection: ssh2.Connection, count: number) => void,
): Promise<{ target: SshTarget; commands: () => number; server: ssh2.Server }> {
  let commands = 0;
  const server = new ssh2.Server({ hostKeys: [hostKey.privateKey] }, (connection) => {
    connection.on('error', () => {});
    connection.on('authentication', (context) => context.accept());
    connection.on('session', (accept) => {
      const session = accept();
      session.on('exec', () => {
        commands += 1;
      });
      onSession(session, connection, commands);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const identity = { kind: 'file', path: join(folder, 'key') } as const;
  const hostKeys = { kind: 'pinned', keys: [hostKey.publicKey] } as const;
  const target = { name: 'node-1', address: '127.0.0.1', port, user: 'root', identity, hostKeys };
  return { target, commands: () => commands, server };
}

describe('a server that misbehaves', () => {
  it('never gets a command twice that it may have started', async () => {
    const { target, commands, server } = await misbehave((session, connection) => {
      session.on('exec', () => connection.end());
    });
    await using transport = await connectSsh(target, options);
    await expect(transport.run(sh`kubeadm init`, options)).rejects.toMatchObject({ code: 'ssh-connection-lost' });
    expect(commands()).toBe(1);
    server.close();
  });

  it('is named when it refuses to run commands', async () => {
    const { target, commands, server } = await misbehave((session) => {
      session.on('exec', (_accept, reject) => reject());
    });
    await using transport = await connectSsh(target, options);
    await expect(transport.run(sh`id`, options)).rejects.toMatchObject({
      code: 'ssh-channel-refused',
      message: expect.stringContaining('refuses to run commands'),
    });
    expect(commands()).toBe(1);
    server.close();
  });

  it('loses nothing of what it sends in one breath', async () => {
    const { target, server } = await misbehave((session) => {
      session.on('exec', (accept) => {
        const channel = accept();
        channel.stderr.write('err\n');
        channel.write('out\n');
        channel.exit(3);
        channel.end();
      });
    });
    await using transport = await connectSsh(target, options);
    for (let round = 0; round < 20; round += 1) {
      expect(await transport.run(sh`id`, options)).toMatchObject({ code: 3, stdout: 'out\n', stderr: 'err\n' });
    }
    server.close();
  });

  it('is not believed when it ends a session without saying how the command ended', async () => {
    const { target, server } = await misbehave((session) => {
      session.on('exec', (accept) => accept().end('half an answer'));
    });
    await using transport = await connectSsh(target, options);
    await expect(transport.run(sh`id`, options)).rejects.toMatchObject({
      code: 'ssh-connection-lost',
      message: expect.stringContaining('without saying how'),
    });
    server.close();
  });
});
