import { lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  currentContext,
  mergeKubeconfig,
  readAdminConf,
  removeFromKubeconfig,
  renderKubeconfig,
  usesPlugin,
} from '../../src/kube/kubeconfig.js';
import { kubeconfigPath, mergeIntoFile, removeFromFile } from '../../src/kube/kubeconfig-file.js';

const entry = {
  name: 'demo',
  server: 'https://10.0.0.11:6443',
  credentials: { ca: 'CA', certificate: 'CERT', key: 'KEY' },
};

const theirs = `apiVersion: v1
kind: Config
# the company's cluster: do not touch
clusters:
- name: prod
  cluster: {server: "https://prod.example:443"} # behind the VPN
contexts:
- name: prod
  context: {cluster: prod, user: me}
users:
- name: me
  user: {token: abc}
current-context: prod
`;

describe('merging into a kubeconfig', () => {
  test('an empty one becomes a whole one whose context is current', () => {
    const text = mergeKubeconfig('', entry, false);
    expect(currentContext(text)).toBe('demo');
    expect(readAdminConf(text)).toEqual({ server: entry.server, credentials: entry.credentials });
  });

  test('other clusters, users, comments and the current context stay as they are', () => {
    const text = mergeKubeconfig(theirs, entry, false);
    expect(text).toContain("# the company's cluster: do not touch");
    expect(text).toContain('# behind the VPN');
    expect(currentContext(text)).toBe('prod');
    const { clusters, users, contexts } = parse(text);
    expect(clusters).toHaveLength(2);
    expect(users[0]).toEqual({ name: 'me', user: { token: 'abc' } });
    expect(contexts.map(({ name }: { name: string }) => name)).toEqual(['prod', 'demo']);
  });

  test('the current context changes only when asked', () => {
    expect(currentContext(mergeKubeconfig(theirs, entry, true))).toBe('demo');
  });

  test('merging the same again changes not one byte', () => {
    const once = mergeKubeconfig(theirs, entry, false);
    expect(mergeKubeconfig(once, entry, false)).toBe(once);
  });

  test('a new server address replaces the old entry instead of adding a second one', () => {
    const once = mergeKubeconfig(theirs, entry, false);
    const moved = parse(mergeKubeconfig(once, { ...entry, server: 'https://10.0.0.12:6443' }, false));
    expect(moved.clusters).toHaveLength(2);
    expect(moved.clusters[1].cluster.server).toBe('https://10.0.0.12:6443');
  });

  test('taking the entry out gives back what was there', () => {
    const { text, removed } = removeFromKubeconfig(mergeKubeconfig(theirs, entry, false), 'demo');
    expect(removed).toBe(true);
    expect(parse(text)).toEqual(parse(theirs));
  });

  test('taking out the current context unsets it rather than leaving it dangling', () => {
    expect(currentContext(removeFromKubeconfig(mergeKubeconfig(theirs, entry, true), 'demo').text)).toBe('');
  });

  test('a file of flow-style empty lists is filled all the same', () => {
    const text = mergeKubeconfig('apiVersion: v1\nkind: Config\nclusters: []\nusers: []\ncontexts: []\n', entry, false);
    expect(parse(text).clusters).toHaveLength(1);
    expect(currentContext(text)).toBe('demo');
  });

  test('something that is not a kubeconfig is refused, not replaced', () => {
    expect(() => mergeKubeconfig('- a\n- list\n', entry, false)).toThrow('cannot be read: it is not a mapping');
    expect(() => mergeKubeconfig('clusters: [', entry, false)).toThrow('cannot be read');
  });

  test('an admin.conf without a key is an error that names the file', () => {
    expect(() => readAdminConf(theirs)).toThrow('admin.conf lacks a server or credentials');
  });
});

describe('the kubeconfig file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubewright-kubeconfig-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test('is created with its folder, readable by nobody else', async () => {
    const path = join(folder, 'new', 'config');
    expect(await mergeIntoFile(path, entry, false)).toEqual({ changed: true, current: true });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('is not written when nothing changes', async () => {
    const path = join(folder, 'config');
    await mergeIntoFile(path, entry, false);
    const before = await stat(path);
    expect(await mergeIntoFile(path, entry, false)).toEqual({ changed: false, current: true });
    expect((await stat(path)).mtimeMs).toBe(before.mtimeMs);
  });

  test('stays a symbolic link when it is one', async () => {
    const real = join(folder, 'dotfiles-config');
    const link = join(folder, 'config');
    await writeFile(real, theirs);
    await symlink(real, link);
    await mergeIntoFile(link, entry, false);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readFile(real, 'utf8')).toContain('demo-admin');
  });

  test('twenty clusters merged at once all end up in it, and no lock or temporary file stays', async () => {
    const path = join(folder, 'config');
    const names = Array.from({ length: 20 }, (_, index) => `c${index}`);
    await Promise.all(names.map((name) => mergeIntoFile(path, { ...entry, name }, false)));
    const { contexts } = parse(await readFile(path, 'utf8'));
    expect(contexts.map(({ name }: { name: string }) => name).sort()).toEqual([...names].sort());
    expect(await readdir(folder)).toEqual(['config']);
  });

  test('a broken one is left exactly as it was', async () => {
    const path = join(folder, 'config');
    await writeFile(path, 'clusters: [');
    await expect(mergeIntoFile(path, entry, false)).rejects.toThrow('cannot be read');
    expect(await readFile(path, 'utf8')).toBe('clusters: [');
  });

  test('removal from a file that is not there says that nothing was removed', async () => {
    expect(await removeFromFile(join(folder, 'nowhere'), 'demo')).toBe(false);
  });

  test('is the first existing file of $KUBECONFIG, else its last, else ~/.kube/config', async () => {
    const second = join(folder, 'second');
    await writeFile(second, renderKubeconfig(entry));
    expect(await kubeconfigPath(undefined, { KUBECONFIG: `${join(folder, 'first')}:${second}` })).toBe(second);
    expect(await kubeconfigPath(undefined, { KUBECONFIG: `/nowhere/a:/nowhere/b` })).toBe('/nowhere/b');
    expect(await kubeconfigPath(undefined, {})).toMatch(/\.kube\/config$/);
    expect(await kubeconfigPath('/elsewhere', { KUBECONFIG: second })).toBe('/elsewhere');
  });
});

describe('a context through the tunnel', () => {
  const tunnel = {
    ...entry,
    server: 'https://127.0.0.1:21234',
    serverName: 'kubernetes',
    plugin: {
      command: '/usr/bin/node',
      args: ['/x/cli.js', 'credential'],
      env: { A: 'b' },
      installHint: 'write it anew',
    },
  };

  test('names the program that is asked for credentials, and holds none', () => {
    const text = mergeKubeconfig('', tunnel, false);
    const { clusters, users } = parse(text);
    expect(clusters[0].cluster).toMatchObject({ server: tunnel.server, 'tls-server-name': 'kubernetes' });
    expect(users[0].user).toEqual({
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: '/usr/bin/node',
        args: ['/x/cli.js', 'credential'],
        env: [{ name: 'A', value: 'b' }],
        interactiveMode: 'Never',
        provideClusterInfo: false,
        installHint: tunnel.plugin.installHint,
      },
    });
    expect(text).not.toContain(Buffer.from('KEY').toString('base64'));
    expect(usesPlugin(text, 'demo')).toBe(true);
  });

  test('merged again changes not one byte, in a file of its own either', () => {
    const text = renderKubeconfig(tunnel);
    expect(mergeKubeconfig(text, tunnel, true)).toBe(text);
  });

  test('takes the place of a direct one and gives it back without a field left over', () => {
    const direct = mergeKubeconfig(theirs, entry, false);
    const through = mergeKubeconfig(direct, tunnel, false);
    expect(usesPlugin(direct, 'demo')).toBe(false);
    expect(usesPlugin(through, 'demo')).toBe(true);
    expect(Object.keys(parse(through).users[1].user)).toEqual(['exec']);
    expect(mergeKubeconfig(through, entry, false)).toBe(direct);
  });
});
