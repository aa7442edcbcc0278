import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectSsh } from '../../../src/transport/ssh/connect.js';
import { createIdentityLoader } from '../../../src/transport/ssh/identities.js';
import { generateKeyPair } from '../../../src/transport/ssh/keys.js';
import type { SshTarget } from '../../../src/transport/target.js';
import { startSshAgent } from '../../rig/ssh-agent.js';
import { type Sshd, sshdMissing, startSshd } from '../../rig/sshd.js';
import { describeUnless } from '../../rig/unless.js';

const signal = new AbortController().signal;

describeUnless(sshdMissing, 'logging in', () => {
  let sshd: Sshd;
  let folder: string;
  const home = process.env['HOME'];
  beforeAll(async () => {
    sshd = await startSshd({ users: [{ name: 'ada' }], config: ['MaxAuthTries 6'] });
    folder = await mkdtemp(join(tmpdir(), 'kubewright-login-'));
    // os.homedir() of this worker: no key of whoever runs the tests.
    process.env['HOME'] = join(folder, 'home');
    await mkdir(join(folder, 'home', '.ssh'), { recursive: true });
  });
  afterAll(async () => {
    process.env['HOME'] = home;
    await sshd[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  async function strangersKey(name: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, generateKeyPair(name).privateKey, { mode: 0o600 });
    return path;
  }

  /** The rig's key, encrypted. */
  async function encryptedKey(name: string): Promise<string> {
    const path = join(folder, name);
    await execa('cp', [sshd.identityFile, path]);
    await execa('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', path]);
    return path;
  }

  async function login(target: SshTarget, environment: NodeJS.ProcessEnv = {}, timeoutMs = 15_000): Promise<void> {
    const transport = await connectSsh(target, { signal, timeoutMs, identities: createIdentityLoader(environment) });
    await transport[Symbol.asyncDispose]();
  }

  it('fails with the user, the address and the key when sshd does not know it', async () => {
    const path = await strangersKey('stranger');
    await expect(login(sshd.target({ user: 'ada', identity: { kind: 'file', path } }))).rejects.toMatchObject({
      code: 'ssh-auth-failed',
      retryable: false,
      host: 'node-1',
      message: expect.stringMatching(
        new RegExp(
          `node-1 \\(127\\.0\\.0\\.1:${sshd.port}\\) refused every key for the user ada\\. Tried: .*stranger \\(SHA256:`,
        ),
      ),
      hint: expect.stringContaining('authorized_keys'),
    });
  });

  it('fails in the same way for a user that does not exist', async () => {
    await expect(login(sshd.target({ user: "no'body; id" }))).rejects.toMatchObject({ code: 'ssh-auth-failed' });
  });

  it('says that sshd takes no keys at all', async () => {
    await using other = await startSshd({
      config: ['PubkeyAuthentication no', 'PasswordAuthentication yes'],
    });
    await expect(login(other.target())).rejects.toMatchObject({
      code: 'ssh-auth-failed',
      message: expect.stringContaining('accepts no keys, only password'),
    });
  });

  it('says that a key alone is not enough', async () => {
    await using other = await startSshd({
      config: ['AuthenticationMethods publickey,password', 'PasswordAuthentication yes'],
    });
    await expect(login(other.target())).rejects.toMatchObject({
      code: 'ssh-auth-failed',
      message: expect.stringContaining('wants more than a key: password'),
    });
  });

  it('asks for the passphrase of a key once for all hosts', async () => {
    const path = await encryptedKey('encrypted');
    let asked = 0;
    const passphrase = async () => {
      asked += 1;
      return 'open sesame';
    };
    const identities = createIdentityLoader({});
    const target = sshd.target({ identity: { kind: 'file', path, passphrase } });
    const connecting = Array.from({ length: 4 }, () => connectSsh(target, { signal, timeoutMs: 15_000, identities }));
    for (const transport of await Promise.all(connecting)) await transport[Symbol.asyncDispose]();
    expect(asked).toBe(1);
  });

  it('does not let people hurry: the deadline starts after the passphrase', async () => {
    const path = await encryptedKey('slowly');
    const passphrase = async () => {
      await new Promise((resolve) => setTimeout(resolve, 2500));
      return 'open sesame';
    };
    await login(sshd.target({ identity: { kind: 'file', path, passphrase } }), {}, 2400);
  });

  it('fails before anything is sent when the key cannot be used', async () => {
    const path = await encryptedKey('unasked');
    await expect(login(sshd.target({ identity: { kind: 'file', path } }))).rejects.toMatchObject({
      code: 'ssh-key-unusable',
      message: expect.stringContaining('nobody to ask'),
    });
    const missing = join(folder, 'missing');
    await expect(login(sshd.target({ identity: { kind: 'file', path: missing } }))).rejects.toMatchObject({
      code: 'ssh-key-unusable',
      message: expect.stringContaining('no such file'),
    });
  });

  it('uses the agent for an encrypted key that it holds', async () => {
    const path = await encryptedKey('in-agent');
    await execa('sh', ['-c', 'ssh-keygen -y -f "$0" > "$1"', sshd.identityFile, `${path}.pub`]);
    using agent = await startSshAgent(folder, [sshd.identityFile]);
    const passphrase = () => Promise.reject(new Error('asked'));
    await login(sshd.target({ identity: { kind: 'file', path, passphrase } }), { SSH_AUTH_SOCK: agent.socket });
  });

  it('finds the right one of an agent with 20 keys, although sshd cuts off after six', async () => {
    const strangers = await Promise.all(Array.from({ length: 19 }, (_, n) => strangersKey(`agent-${n}`)));
    using agent = await startSshAgent(folder, [...strangers, sshd.identityFile]);
    await login(sshd.target({ identity: { kind: 'default' } }), { SSH_AUTH_SOCK: agent.socket });
  });

  it('does not go on for ever with an agent full of strangers', async () => {
    const strangers = await Promise.all(Array.from({ length: 40 }, (_, n) => strangersKey(`many-${n}`)));
    using agent = await startSshAgent(folder, strangers);
    await expect(
      login(sshd.target({ identity: { kind: 'default' } }), { SSH_AUTH_SOCK: agent.socket }),
    ).rejects.toMatchObject({ code: 'ssh-auth-failed', message: expect.stringContaining('were not tried any more') });
  });

  it('uses the keys of ~/.ssh, and says why it passed some over', async () => {
    const ssh = join(folder, 'home', '.ssh');
    await execa('cp', [sshd.identityFile, join(ssh, 'id_ecdsa')]);
    await login(sshd.target({ identity: { kind: 'default' } }), { SSH_AUTH_SOCK: join(folder, 'no-agent') });
    await chmod(join(ssh, 'id_ecdsa'), 0o644);
    await expect(
      login(sshd.target({ identity: { kind: 'default' } }), { SSH_AUTH_SOCK: join(folder, 'no-agent') }),
    ).rejects.toMatchObject({
      code: 'ssh-auth-failed',
      message: expect.stringMatching(/no key to log in.*the agent at .*no-agent.*mode is 0644/s),
    });
    await rm(join(ssh, 'id_ecdsa'));
  });

  it('takes the refusal of a machine that boots for what it is', async () => {
    await using booting = await startSshd({
      users: [{ name: 'ada' }],
      config: ['UsePAM yes'],
      setup: "echo 'System is booting up. Unprivileged users are not permitted to log in yet.' > /run/nologin",
    });
    await expect(login(booting.target({ user: 'ada' }))).rejects.toMatchObject({
      code: 'ssh-auth-failed',
      retryable: true,
      hint: expect.stringContaining('while a machine boots'),
      message: expect.stringContaining('System is booting up'),
    });
  });
});
