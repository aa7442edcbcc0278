import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { imageFiles, imageName } from '../../../src/providers/local/image-recipe.js';
import { INIT_SCRIPT } from '../../../src/providers/local/init-script.js';
import { ensureClusterKey, readClusterKey } from '../../../src/providers/local/keys.js';
import { nodeFiles } from '../../../src/providers/local/node-files.js';
import { ADD_SCRIPT, LOOK_SCRIPT, REMOVE_SCRIPT, seedScript } from '../../../src/providers/local/seed-script.js';

const run = promisify(execFile);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const identity = {
  ...{ cluster: 'demo', node: 'workers-1', instance: '0a1b2c3d', seed: 'feed', hostKey: 'PRIVATE\n' },
  ...{ hostPublicKey: 'ssh-ed25519 HOST', authorizedKey: 'ssh-ed25519 USER', resolvers: ['10.0.0.53', '10.0.0.54'] },
};

test("a node's secrets are for root alone, and nothing else of the system is changed", async () => {
  const archive = join(folder, 'files.tar');
  await writeFile(archive, await nodeFiles(identity));
  const { stdout } = await run('tar', ['--list', '--verbose', '--numeric-owner', '--file', archive]);
  const modes = stdout
    .trim()
    .split('\n')
    .map((line) => line.replace(/^(\S+)\s+(\S+)\s.*\s(\S+)$/, '$1 $2 $3'));
  expect(modes).toEqual([
    'drwxr-xr-x 0/0 opt/kubewright/',
    '-rwxr-xr-x 0/0 opt/kubewright/init',
    '-rw-r--r-- 0/0 opt/kubewright/node',
    '-rw-r--r-- 0/0 opt/kubewright/resolv.conf',
    '-r--r--r-- 0/0 etc/machine-id',
    '-rw-r--r-- 0/0 etc/ssh/sshd_config.d/10-kubewright.conf',
    '-rw------- 0/0 etc/ssh/ssh_host_ed25519_key',
    '-rw-r--r-- 0/0 etc/ssh/ssh_host_ed25519_key.pub',
    'drwx------ 0/0 root/.ssh/',
    '-rw------- 0/0 root/.ssh/authorized_keys',
  ]);
});

test('every node is another machine to those who read its machine-id', async () => {
  const read = async (name: string) => {
    await writeFile(join(folder, name), await nodeFiles(identity));
    return (await run('tar', ['-xOf', join(folder, name), 'etc/machine-id'])).stdout;
  };
  const ids = [await read('a.tar'), await read('b.tar')];
  expect(ids[0]).toMatch(/^[0-9a-f]{32}\n$/);
  expect(ids[0]).not.toBe(ids[1]);
});

test('the image holds no host key and no identity, and has the same name for the same recipe', () => {
  const paths = imageFiles().map(({ path }) => path);
  expect(paths.filter((path) => /ssh_host|authorized_keys/.test(path))).toEqual([]);
  expect(imageName()).toBe(imageName());
  expect(imageName()).toMatch(/^kubewright-node:[0-9a-f]{12}$/);
});

test.each([
  ['init', INIT_SCRIPT],
  ['look', LOOK_SCRIPT],
  ['add', ADD_SCRIPT],
  ['remove', REMOVE_SCRIPT],
  ['seed', seedScript('feed', payload(), new Set(['a'.repeat(64)]))],
])('the script %s is plain POSIX sh', async (name, script) => {
  const path = join(folder, name);
  await writeFile(path, script);
  await expect(run('dash', ['-n', path])).resolves.toMatchObject({ stderr: '' });
});

test("a cluster's key is made once, for its owner's eyes only", async () => {
  expect(await readClusterKey(folder)).toBeUndefined();
  const made = await ensureClusterKey(folder, 'demo');
  expect(await ensureClusterKey(folder, 'demo')).toEqual(made);
  expect(await readClusterKey(folder)).toEqual(made);
  expect((await stat(made.path)).mode & 0o777).toBe(0o600);
  expect(made.publicKey).toMatch(/^ssh-ed25519 \S+ kubewright@demo$/);
  const { stdout } = await run('ssh-keygen', ['-l', '-f', made.path]);
  expect(stdout).toContain(made.fingerprint);
});

test('a key of which only the public half was written is made anew', async () => {
  const made = await ensureClusterKey(folder, 'demo');
  await rm(made.path);
  const again = await ensureClusterKey(folder, 'demo');
  expect(again.fingerprint).not.toBe(made.fingerprint);
  expect(await readFile(`${again.path}.pub`, 'utf8')).toContain(again.publicKey);
});

function payload() {
  const image = {
    ...{
      ref: 'registry.k8s.io/pause:3.10',
      name: 'pause',
      version: '3.10',
      digest: 'sha256:0',
      sha256: 'c'.repeat(64),
    },
    ...{ size: 1, path: '/p', roles: [] },
  };
  const file = (name: string, sha256: string) => ({
    ...{ name, version: '1', destination: `/usr/local/bin/${name}`, sha256, size: 1, path: '/f', roles: [] },
  });
  return {
    ...{ arch: 'amd64' as const, kubernetesVersion: '1.36.3', source: 'cache' as const, images: [image] },
    files: [file('containerd', 'a'.repeat(64)), file('ctr', 'b'.repeat(64))],
  };
}
