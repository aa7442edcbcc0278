import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sh } from '../../../src/transport/command.js';
import { connectSsh, waitForSsh } from '../../../src/transport/ssh/connect.js';
import { type Dial, dialTcp } from '../../../src/transport/ssh/dial.js';
import { fingerprint, generateKeyPair, parsePublicKey } from '../../../src/transport/ssh/keys.js';
import { createSshLimits } from '../../../src/transport/ssh/limits.js';
import type { SshTarget } from '../../../src/transport/target.js';
import { freePort, type Sshd, sshdMissing, startSshd } from '../../rig/sshd.js';
import { describeUnless } from '../../rig/unless.js';

const signal = new AbortController().signal;
const ipv6Missing = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'))
  ? undefined
  : 'there is no IPv6 on loopback';
const options = { signal, timeoutMs: 15_000 };
const running = { signal, timeoutMs: 15_000 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-connect-'));
  await writeFile(join(folder, 'unused'), generateKeyPair('').privateKey, { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
async function file(content: string): Promise<string> {
  count += 1;
  const path = join(folder, `file-${count}`);
  await writeFile(path, content, { mode: 0o600 });
  return path;
}

async function logsIn(target: SshTarget): Promise<void> {
  await using transport = await connectSsh(target, options);
  expect((await transport.run(sh`echo in`, running)).stdout).toBe('in\n');
}

/** A server on loopback that does with each connection what `onConnection` does, and nothing of SSH. */
async function listen(
  onConnection: (socket: import('node:net').Socket) => void,
): Promise<{ port: number; server: Server }> {
  const server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, server };
}

function anyTarget(port: number): SshTarget {
  return {
    name: 'node-1',
    address: '127.0.0.1',
    port,
    user: 'root',
    identity: { kind: 'file', path: join(folder, 'unused') },
    hostKeys: { kind: 'pinned', keys: [generateKeyPair('').publicKey] },
  };
}

describe('a machine that does not answer as it should', () => {
  it('is named when it refuses the connection', async () => {
    const port = await freePort();
    await expect(connectSsh(anyTarget(port), options)).rejects.toMatchObject({
      code: 'host-unreachable',
      host: 'node-1',
      retryable: true,
      message: `node-1 (127.0.0.1:${port}) cannot be reached: the connection was refused.`,
    });
  });

  it('is given up when it accepts the connection and says nothing', async () => {
    const { port, server } = await listen(() => {});
    const started = performance.now();
    await expect(connectSsh(anyTarget(port), { signal, timeoutMs: 300 })).rejects.toMatchObject({
      code: 'ssh-handshake-failed',
      retryable: true,
      message: expect.stringContaining('said nothing'),
    });
    expect(performance.now() - started).toBeLessThan(5000);
    server.close();
  });

  it('is told from sshd when it speaks another protocol', async () => {
    const { port, server } = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(connectSsh(anyTarget(port), { signal, timeoutMs: 2000 })).rejects.toMatchObject({
      code: 'ssh-handshake-failed',
    });
    server.close();
  });

  it('is tried again when it drops the connection before a word, until the deadline', async () => {
    let connections = 0;
    const { port, server } = await listen((socket) => {
      connections += 1;
      socket.destroy();
    });
    await expect(connectSsh(anyTarget(port), { signal, timeoutMs: 1000 })).rejects.toMatchObject({
      code: 'ssh-handshake-failed',
      retryable: true,
      message: expect.stringContaining('closed the connection without a word'),
    });
    expect(connections).toBeGreaterThan(2);
    server.close();
  });

  it('is left alone when the user does not want any more', async () => {
    const { port, server } = await listen(() => {});
    const controller = new AbortController();
    const connecting = connectSsh(anyTarget(port), { signal: controller.signal, timeoutMs: 20_000 });
    controller.abort();
    await expect(connecting).rejects.toMatchObject({ code: 'interrupted' });
    server.close();
  });
});

describeUnless(sshdMissing, 'the host key', () => {
  let sshd: Sshd;
  let ecdsa: string;
  beforeAll(async () => {
    const path = join(folder, 'ecdsa_host_key');
    await execa('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', path]);
    ecdsa = (await readFile(`${path}.pub`, 'utf8')).trim();
    sshd = await startSshd({ config: [`HostKey ${path}`] });
  });
  afterAll(() => sshd[Symbol.asyncDispose]());

  const other = generateKeyPair('').publicKey;
  const sum = (line: string) => fingerprint(parsePublicKey(line));
  const triesToLogIn = () => sshd.log().match(/publickey|userauth|invalid user/gi) ?? [];

  it.each<[string, (sshd: Sshd) => string]>([
    ['with its port', (own) => `[127.0.0.1]:${own.port} ${own.hostKey}\n`],
    ['without a port', (own) => `127.0.0.1 ${own.hostKey}\n`],
    [
      'among others',
      (own) => `web1 ${other}\n[127.0.0.1]:${own.port} ${other}\n[127.0.0.1]:${own.port} ${own.hostKey}\n`,
    ],
  ])('is accepted from known_hosts %s', async (_, content) => {
    const known = await file(content(sshd));
    await logsIn(sshd.target({ hostKeys: { kind: 'known-hosts', files: [join(folder, 'none'), known] } }));
  });

  it('is accepted from a hashed known_hosts', async () => {
    const known = await file(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
    await execa('ssh-keygen', ['-H', '-f', known]);
    await logsIn(sshd.target({ hostKeys: { kind: 'known-hosts', files: [known] } }));
  });

  it('is asked for in the type that is known', async () => {
    await logsIn(sshd.target({ hostKeys: { kind: 'pinned', keys: [ecdsa] } }));
    await logsIn(sshd.target({ hostKeys: { kind: 'pinned', keys: [sshd.hostKey] } }));
  });

  it('stops everything before logging in when it is another than the pinned one', async () => {
    const before = triesToLogIn().length;
    const connecting = connectSsh(sshd.target({ hostKeys: { kind: 'pinned', keys: [other] } }), options);
    await expect(connecting).rejects.toMatchObject({ code: 'ssh-host-key-changed', host: 'node-1', retryable: false });
    const message = await connecting.catch((error: Error) => error.message);
    expect(message).toContain(sum(sshd.hostKey));
    expect(message).toContain(sum(other));
    expect(triesToLogIn().length).toBe(before);
  });

  it('stops everything when another one is known, and says where and how to mend it', async () => {
    const known = await file(`# mine\n[127.0.0.1]:${sshd.port} ${other}\n`);
    await expect(
      connectSsh(sshd.target({ hostKeys: { kind: 'known-hosts', files: [known] } }), options),
    ).rejects.toMatchObject({
      code: 'ssh-host-key-changed',
      message: expect.stringContaining(`${known}:2`),
      hint: expect.stringContaining(`ssh-keygen -R '[127.0.0.1]:${sshd.port}' -f ${known}`),
    });
  });

  it('stops everything when it is unknown, and shows its fingerprint', async () => {
    await expect(
      connectSsh(sshd.target({ hostKeys: { kind: 'known-hosts', files: [join(folder, 'none')] } }), options),
    ).rejects.toMatchObject({ code: 'ssh-host-key-unknown', message: expect.stringContaining(sum(sshd.hostKey)) });
  });

  it('stops everything when it is revoked', async () => {
    const known = await file(`@revoked * ${sshd.hostKey}\n[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
    await expect(
      connectSsh(sshd.target({ hostKeys: { kind: 'known-hosts', files: [known] } }), options),
    ).rejects.toMatchObject({ code: 'ssh-host-key-changed', message: expect.stringContaining('revoked') });
  });

  it('is pinned on first use, and from then on no other is accepted', async () => {
    const own = join(folder, 'first-use');
    const hostKeys = { kind: 'trust-on-first-use', file: own, files: [join(folder, 'none')] } as const;
    await Promise.all([1, 2, 3].map(() => logsIn(sshd.target({ hostKeys }))));
    expect(await readFile(own, 'utf8')).toBe(
      `[127.0.0.1]:${sshd.port} ${sshd.hostKey.split(' ').slice(0, 2).join(' ')}\n`,
    );
    await writeFile(own, `[127.0.0.1]:${sshd.port} ${other}\n`);
    await expect(connectSsh(sshd.target({ hostKeys }), options)).rejects.toMatchObject({
      code: 'ssh-host-key-changed',
    });
  });

  it('is not pinned on first use where another file already knows it', async () => {
    const users = await file(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
    const own = join(folder, 'not-needed');
    await logsIn(sshd.target({ hostKeys: { kind: 'trust-on-first-use', file: own, files: [users] } }));
    await expect(readFile(own)).rejects.toThrow('ENOENT');
  });

  it('is refused as a setting when it is none', async () => {
    await expect(
      connectSsh(sshd.target({ hostKeys: { kind: 'pinned', keys: ['rubbish'] } }), options),
    ).rejects.toMatchObject({ code: 'known-hosts-unusable', message: expect.stringContaining('rubbish') });
  });
});

describeUnless(sshdMissing, 'many connections at once', () => {
  it('all come through where sshd drops most of them', async () => {
    await using sshd = await startSshd({ config: ['MaxStartups 2:50:4', 'LoginGraceTime 20'] });
    const transports = await Promise.all(Array.from({ length: 16 }, () => connectSsh(sshd.target(), options)));
    const results = await Promise.all(transports.map((transport, n) => transport.run(sh`echo ${n}`, running)));
    expect(results.map((result) => result.stdout)).toEqual(transports.map((_, n) => `${n}\n`));
    await Promise.all(transports.map((transport) => transport[Symbol.asyncDispose]()));
  });

  it('shake hands no more than a few at a time', async () => {
    const { port, server } = await listen(() => {});
    let open = 0;
    let most = 0;
    const dial: Dial = async (target, stop) => {
      const stream = await dialTcp(target, stop);
      open += 1;
      most = Math.max(most, open);
      const { destroy } = stream;
      stream.destroy = (...args) => {
        if (!stream.destroyed) open -= 1;
        return destroy.apply(stream, args);
      };
      return stream;
    };
    const limits = createSshLimits({ handshakes: 3 });
    const tries = Array.from({ length: 9 }, () =>
      connectSsh(anyTarget(port), { signal, timeoutMs: 200, limits, dial }),
    );
    const results = await Promise.allSettled(tries);
    expect(results.every((result) => result.status === 'rejected')).toBe(true);
    expect(most).toBe(3);
    server.close();
  });
});

describeUnless(sshdMissing, 'noise', () => {
  it('before the protocol, at login and from the shell disturbs nothing', async () => {
    const banner = await file('*** Authorised use only ***\n\x1b[31mred\x1b[0m\n');
    await using sshd = await startSshd({
      config: [`Banner ${banner}`, 'PrintMotd yes'],
      setup: "echo 'message of the day' > /etc/motd",
    });
    await logsIn(sshd.target());
  });
});

describeUnless(sshdMissing ?? ipv6Missing, 'an IPv6 address', () => {
  it('is reached, checked and shown as one', async () => {
    await using sshd = await startSshd({ config: ['ListenAddress ::1'] });
    const known = await file(`[::1]:${sshd.port} ${sshd.hostKey}\n`);
    const target = sshd.target({ address: '::1', hostKeys: { kind: 'known-hosts', files: [known] } });
    await using transport = await connectSsh(target, options);
    expect(transport.description).toBe(`root@[::1]:${sshd.port}`);
    expect((await transport.run(sh`echo in`, running)).stdout).toBe('in\n');
  });
});

describeUnless(sshdMissing, 'waitForSsh', () => {
  it('connects as soon as a booting machine lets it, saying what it waits for', async () => {
    const port = await freePort();
    const hostKey = generateKeyPair('');
    const reasons: string[] = [];
    const identityFile = await file(generateKeyPair('').privateKey);
    const target: SshTarget = {
      ...anyTarget(port),
      identity: { kind: 'file', path: identityFile },
      hostKeys: { kind: 'pinned', keys: [hostKey.publicKey] },
    };
    const { stdout: authorized } = await execa('ssh-keygen', ['-y', '-f', identityFile]);
    let heard: () => void = () => {};
    const waiting = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const connecting = waitForSsh(target, {
      ...options,
      timeoutMs: 20_000,
      onWait(reason) {
        reasons.push(reason);
        heard();
      },
    });
    await waiting;
    await using sshd = await startSshd({ port, hostKey, setup: `echo '${authorized}' > /run/authorized_keys` });
    await using transport = await connecting;
    expect((await transport.run(sh`echo up`, running)).stdout).toBe('up\n');
    expect(reasons[0]).toBe(`node-1 (127.0.0.1:${port}) cannot be reached: the connection was refused.`);
    expect(sshd.port).toBe(port);
  });

  it('gives up at the deadline with what was wrong last', async () => {
    const port = await freePort();
    await expect(waitForSsh(anyTarget(port), { signal, timeoutMs: 400 })).rejects.toMatchObject({
      code: 'host-unreachable',
      message: expect.stringMatching(/refused.*waited for 0\.4 s/),
    });
  });

  it('does not wait where time mends nothing', async () => {
    await using sshd = await startSshd();
    const started = performance.now();
    const target = sshd.target({ hostKeys: { kind: 'pinned', keys: [generateKeyPair('').publicKey] } });
    await expect(waitForSsh(target, options)).rejects.toMatchObject({ code: 'ssh-host-key-changed' });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('ends at once when the user does not want any more', async () => {
    const controller = new AbortController();
    const waiting = waitForSsh(anyTarget(await freePort()), {
      ...options,
      signal: controller.signal,
      onWait: () => controller.abort(),
    });
    await expect(waiting).rejects.toMatchObject({ code: 'interrupted' });
  });
});
