import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateKeyPair } from '../../../src/transport/ssh/keys.js';
import { renderKnownHosts, renderSshConfig } from '../../../src/transport/ssh/ssh-config.js';
import type { SshTarget } from '../../../src/transport/target.js';
import { sshdMissing, startSshd } from '../../rig/sshd.js';
import { testUnless } from '../../rig/unless.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kubewright o'config 100%d-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const target: SshTarget = {
  name: 'demo-workers-1',
  address: '10.0.0.5',
  port: 2222,
  user: 'admin',
  identity: { kind: 'file', path: '/home/me/my keys/id_ed25519' },
  hostKeys: { kind: 'pinned', keys: ['ssh-ed25519 AAAA a comment'] },
};

describe('renderSshConfig', () => {
  it('writes a block a host, for people', () => {
    const second: SshTarget = {
      name: 'web1',
      address: 'fd00::5',
      port: 22,
      user: 'root',
      identity: { kind: 'default' },
      hostKeys: { kind: 'trust-on-first-use', file: '/state/known_hosts', files: ['/home/me/.ssh/known_hosts'] },
    };
    expect(renderSshConfig([target, second], { knownHostsFile: '/state/pinned' })).toBe(
      `Host demo-workers-1
  HostName 10.0.0.5
  Port 2222
  User admin
  IdentityFile "/home/me/my keys/id_ed25519"
  IdentitiesOnly yes
  HostKeyAlias demo-workers-1
  StrictHostKeyChecking yes
  CheckHostIP no
  UserKnownHostsFile /state/pinned
  GlobalKnownHostsFile /dev/null

Host web1
  HostName fd00::5
  Port 22
  User root
  StrictHostKeyChecking accept-new
  UserKnownHostsFile /state/known_hosts /home/me/.ssh/known_hosts
`,
    );
    expect(renderKnownHosts([target, second])).toBe('demo-workers-1 ssh-ed25519 AAAA\n');
  });

  it('is read by ssh as it was meant, whatever the paths look like', async () => {
    const path = join(folder, 'ssh_config');
    const identity = join(folder, 'id #1');
    const knownHostsFile = join(folder, 'known_hosts');
    const odd: SshTarget = { ...target, user: 'svc\\admin', identity: { kind: 'file', path: identity } };
    await writeFile(path, renderSshConfig([odd], { knownHostsFile }));
    const { stdout } = await execa('ssh', ['-G', '-F', path, 'demo-workers-1']);
    const settings = stdout.split('\n');
    expect(settings).toContain('hostname 10.0.0.5');
    expect(settings).toContain('user svc\\admin');
    expect(settings).toContain(`identityfile ${identity.replaceAll('%', '%%')}`);
    expect(settings).toContain('stricthostkeychecking true');
  });

  it.each([
    { name: 'a b' },
    { name: '*' },
    { name: 'a\nProxyCommand id' },
    { address: '10.0.0.5\nProxyCommand id' },
    { user: 'root\n  ProxyCommand id' },
    { user: 'a"b' },
  ])('refuses what would be more than a value: %j', (hostile) => {
    expect(() => renderSshConfig([{ ...target, ...hostile }], { knownHostsFile: '/k' })).toThrow(TypeError);
  });

  testUnless(sshdMissing, 'lets ssh and scp in, and nobody with another host key', async () => {
    await using sshd = await startSshd();
    const knownHostsFile = join(folder, 'pinned');
    const real = sshd.target({ name: 'node-1' });
    const path = join(folder, 'real_config');
    await writeFile(path, renderSshConfig([real], { knownHostsFile }));
    await writeFile(knownHostsFile, renderKnownHosts([real]));
    const ssh = (...args: string[]) => execa('ssh', ['-F', path, ...args], { reject: false, stdin: 'ignore' });
    expect(await ssh('node-1', 'echo', 'hello')).toMatchObject({ exitCode: 0, stdout: 'hello' });
    await writeFile(knownHostsFile, `node-1 ${generateKeyPair('').publicKey}\n`);
    const refused = await ssh('node-1', 'echo', 'hello');
    expect(refused.exitCode).toBe(255);
    expect(refused.stderr).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
  });
});
