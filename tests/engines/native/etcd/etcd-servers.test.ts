import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { KubewrightError } from '../../../../src/core/errors.js';
import type { Known } from '../../../../src/core/step.js';
import { etcdEndpoints, withEtcdEndpoints } from '../../../../src/engines/native/cluster-configuration.js';
import { etcdServers } from '../../../../src/engines/native/etcd/etcd-servers.js';

const MACHINES = ['a', 'b'].map((name) => ({ machine: { id: `${name}/machine` }, join: `${name}/etcd` }));

function known(states: Readonly<Record<string, Known<unknown>>>) {
  return { known: (ref: { id: string }) => (states[ref.id] ?? { kind: 'unknown' }) as never };
}

const at = (address: string): Known<unknown> => ({ kind: 'output', output: { address } });
const FAILED: Known<unknown> = { kind: 'failed', error: new KubewrightError('internal', 'it failed') };

describe('the etcd that API servers are told of', () => {
  test('is every machine, while one that is yet to be made has no address', () => {
    const all = { 'a/machine': at('10.0.0.1'), 'b/machine': at('10.0.0.2') };
    expect(etcdServers(known(all), MACHINES)).toEqual({
      urls: ['https://10.0.0.1:2379', 'https://10.0.0.2:2379'],
      complete: true,
    });
    expect(etcdServers(known({ 'a/machine': at('10.0.0.1') }), MACHINES).complete).toBe(false);
  });

  test('lacks one that could not join, unless it was known before', () => {
    const states = { 'a/machine': at('10.0.0.1'), 'b/machine': at('10.0.0.2'), 'b/etcd': FAILED };
    expect(etcdServers(known(states), MACHINES).urls).toEqual(['https://10.0.0.1:2379']);
    expect(etcdServers(known(states), MACHINES, ['https://10.0.0.2:2379']).urls).toHaveLength(2);
  });

  test('has one that comes back, as long as it was known before', () => {
    const states = { 'a/machine': at('10.0.0.1') };
    const returning = [{ machine: { id: 'a/machine' } }];
    expect(etcdServers(known(states), returning).urls).toEqual([]);
    expect(etcdServers(known(states), returning, ['https://10.0.0.1:2379']).urls).toHaveLength(1);
  });
});

test("kubeadm's ConfigMap gets other addresses of etcd and keeps all else", () => {
  const text =
    'clusterName: x\netcd:\n  external:\n    caFile: /ca\n    endpoints:\n    - https://10.0.0.1:2379\nkind: ClusterConfiguration\n';
  expect(etcdEndpoints(text)).toEqual(['https://10.0.0.1:2379']);
  expect(parse(withEtcdEndpoints(text, ['https://10.0.0.9:2379']))).toEqual({
    clusterName: 'x',
    etcd: { external: { caFile: '/ca', endpoints: ['https://10.0.0.9:2379'] } },
    kind: 'ClusterConfiguration',
  });
  expect(etcdEndpoints('etcd: {local: {dataDir: /var/lib/etcd}}')).toEqual([]);
});
