import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clusterOf, hosts, local } from './problems.js';

describe('nodes of the provider local', () => {
  test('are numbered from 1 in the order of the pools', () => {
    const text = local('nodes: {workers: {count: 2}, control-plane: {count: 3}, gpu: {count: 1}}');
    expect(clusterOf(text).nodes.map(({ name }) => name)).toEqual([
      'workers-1',
      'workers-2',
      'control-plane-1',
      'control-plane-2',
      'control-plane-3',
      'gpu-1',
    ]);
  });

  test('leave out the numbers that are excepted', () => {
    const names = (fields: string) =>
      clusterOf(local(`nodes: {control-plane: {count: 1, roles: [control-plane, worker]}, w: {${fields}}}`))
        .nodes.filter(({ pool }) => pool === 'w')
        .map(({ name }) => name);
    expect(names('count: 2, except: [2]')).toEqual(['w-1', 'w-3']);
    expect(names('count: 3, except: [5, 1, 2]')).toEqual(['w-3', 'w-4', 'w-6']);
    expect(names('count: 2, except: [3, 1000000]')).toEqual(['w-1', 'w-2']);
    expect(names('count: 0, except: [1]')).toEqual([]);
    expect(names('count: 1, except: []')).toEqual(['w-1']);
  });

  test('have the role of their pool, and a control plane keeps workloads away unless it is a worker too', () => {
    const text = (fields: string) => local(`nodes: {control-plane: {count: 1, ${fields}}, storage: {count: 1}}`);
    const taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };
    expect(clusterOf(text('')).nodes).toMatchObject([
      { roles: ['control-plane'], taints: [taint] },
      { roles: ['worker'], taints: [] },
    ]);
    expect(clusterOf(text('roles: [control-plane, worker]')).nodes[0]).toMatchObject({
      roles: ['control-plane', 'worker'],
      taints: [],
    });
    expect(clusterOf(text('taints: []')).nodes[0]).toMatchObject({ roles: ['control-plane'], taints: [] });
    expect(clusterOf(text('taints: ["a:NoExecute"]')).nodes[0]?.taints).toEqual([{ key: 'a', effect: 'NoExecute' }]);
  });

  test('come with what the provider was told', () => {
    const text =
      'apiVersion: kubewright/v1alpha1\nname: demo\nprovider: {local: {engine: podman, subnet: 172.30.0.0/24, publishPorts: true, image: "node:1"}}\n';
    expect(clusterOf(text).provider).toEqual({
      kind: 'local',
      engine: 'podman',
      subnet: '172.30.0.0/24',
      publishPorts: true,
      image: 'node:1',
    });
  });
});

describe('machines of the provider hosts', () => {
  const nodes = (fields = '') =>
    `nodes: {control-plane: {hosts: [{name: cp.example.com, address: 10.0.0.1${fields}}]}}\n`;
  const first = (text: string, file?: string) => clusterOf(text, file).nodes[0]?.host;

  test('have the defaults of the schema', () => {
    expect(clusterOf(hosts(nodes())).provider).toEqual({ kind: 'hosts' });
    expect(clusterOf(hosts(nodes())).nodes[0]).toMatchObject({ name: 'cp.example.com', pool: 'control-plane' });
    expect(first(hosts(nodes()))).toEqual({
      address: '10.0.0.1',
      port: 22,
      user: 'root',
      hostKey: { kind: 'known-hosts' },
    });
  });

  test('take what they do not say from the provider', () => {
    const defaults = '{user: admin, port: 2222, identityFile: /k, sudoPassword: prompt, hostKey: trust-on-first-use}';
    const shared = {
      address: '10.0.0.1',
      port: 2222,
      user: 'admin',
      identityFile: '/k',
      sudoPassword: { kind: 'prompt' },
      hostKey: { kind: 'trust-on-first-use' },
    };
    expect(first(hosts(nodes(), defaults))).toEqual(shared);
    const own =
      ', internalAddress: 10.1.0.1, user: bob, port: 22, identityFile: /b, sudoPassword: {env: PW}, hostKey: known-hosts';
    expect(first(hosts(nodes(own), defaults))).toEqual({
      address: '10.0.0.1',
      internalAddress: '10.1.0.1',
      port: 22,
      user: 'bob',
      identityFile: '/b',
      sudoPassword: { kind: 'environment', name: 'PW' },
      hostKey: { kind: 'known-hosts' },
    });
  });

  test('have paths that start at the folder of the config, or at home', () => {
    const paths = (path: string) =>
      first(hosts(nodes(`, identityFile: ${path}, sudoPassword: {file: ${path}}`)), '/etc/kw/cluster.yaml');
    expect(paths('keys/a')).toMatchObject({
      identityFile: '/etc/kw/keys/a',
      sudoPassword: { kind: 'file', path: '/etc/kw/keys/a' },
    });
    expect(paths('../a')?.identityFile).toBe('/etc/a');
    expect(paths('/a')?.identityFile).toBe('/a');
    expect(paths('~/.ssh/a')?.identityFile).toBe(join(homedir(), '.ssh/a'));
    expect(first(hosts(nodes(', identityFile: a')))?.identityFile).toBe(join(process.cwd(), 'a'));
  });
});
