import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.js';
import type { Cluster } from '../../src/model/cluster.js';
import { apiServers, controlPlaneNames } from '../../src/operations/api-servers.js';
import { contextForm } from '../../src/operations/tunnel-context.js';
import type { Machine } from '../../src/providers/provider.js';

function cluster(controlPlanes: number, api = '{}'): Cluster {
  const head = 'apiVersion: kubewright/v1alpha1\nname: demo\nprovider: {local: {}}\n';
  const config = parseConfig(`${head}api: ${api}\nnodes: {control-plane: {count: ${controlPlanes}}}\n`, 'cluster.yaml');
  if (!config.ok) throw new Error(JSON.stringify(config.diagnostics));
  return config.cluster;
}

describe('a context goes', () => {
  test('through the tunnel where there are several control planes that nothing stands before', () => {
    expect(contextForm(cluster(3), {})).toBe('tunnel');
  });

  test('directly where there is one, or a load balancer before them', () => {
    expect(contextForm(cluster(1), {})).toBe('direct');
    expect(contextForm(cluster(3, '{endpoint: {loadBalancer: api.example.com}}'), {})).toBe('direct');
  });

  test('where the user wants it to', () => {
    expect(contextForm(cluster(3), { direct: true })).toBe('direct');
    expect(contextForm(cluster(1), { tunnel: true })).toBe('tunnel');
  });
});

describe('the API servers', () => {
  const machine = (name: string, address: string, sshAddress: string): Machine => ({
    name,
    address,
    ssh: {
      name,
      address: sshAddress,
      port: 22,
      user: 'root',
      identity: { kind: 'default' },
      hostKeys: { kind: 'known-hosts', files: [] },
    },
  });
  const two = [machine('a', '10.0.0.1', '192.0.2.1'), machine('b', '10.0.0.2', '192.0.2.2')];

  test('are reached at the kind of address that was proven for one of them', () => {
    expect(apiServers(two, cluster(3), 'https://10.0.0.1:6443')).toEqual([
      { name: 'a', host: '10.0.0.1', port: 6443 },
      { name: 'b', host: '10.0.0.2', port: 6443 },
    ]);
    expect(apiServers(two, cluster(3), 'https://192.0.2.2:6443').map(({ host }) => host)).toEqual([
      '192.0.2.1',
      '192.0.2.2',
    ]);
  });

  test('are reached at the ports that were published for them', () => {
    const published = { ...machine('a', '10.0.0.1', '127.0.0.1'), api: { host: '127.0.0.1', port: 40_001 } };
    expect(apiServers([published], cluster(3), 'https://127.0.0.1:40001')).toEqual([
      { name: 'a', host: '127.0.0.1', port: 40_001 },
    ]);
  });

  test('run on the control planes', () => {
    expect(controlPlaneNames(cluster(3))).toEqual(['control-plane-1', 'control-plane-2', 'control-plane-3']);
  });
});
