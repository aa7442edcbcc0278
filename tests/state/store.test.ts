import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test, vi } from 'vitest';
import type * as z from 'zod';
import type { Cluster } from '../../src/model/cluster.js';
import type { clusterSchema } from '../../src/state/cluster-schema.js';
import { clustersDirectory, statePaths } from '../../src/state/paths.js';
import {
  forgetNodes,
  listClusters,
  readClusterRecord,
  removeCluster,
  writeClusterRecord,
} from '../../src/state/store.js';
import type { Same } from '../same-type.js';
import { temporaryState } from './folder.js';

const cluster: Cluster = {
  name: 'demo',
  kubernetes: { version: '1.36.3' },
  engine: 'native',
  provider: { kind: 'local', subnet: '10.20.0.0/24' },
  nodes: [
    {
      name: 'cp-1',
      pool: 'cp',
      roles: ['control-plane'],
      labels: { tier: 'gold' },
      taints: [{ key: 'k', effect: 'NoSchedule' }],
      host: {
        ...{ address: '10.0.0.4', port: 22, user: 'root', identityFile: '/key' },
        sudoPassword: { kind: 'environment', name: 'PASSWORD' },
        hostKey: { kind: 'pinned', keys: ['ssh-ed25519 AAAA'] },
      },
    },
  ],
  network: {
    ...{ cni: 'flannel', podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16', clusterDomain: 'cluster.local' },
    upstreamDns: [],
  },
  api: { port: 6443, extraNames: ['api.example.org'], endpoint: { kind: 'node-local' } },
  artifacts: { source: 'auto', mirrors: { 'dl.k8s.io': 'https://mirror.example.org' } },
};

test('the schema of a record is the type of a cluster, field by field', () => {
  // Checked by the compiler: a field in only one of them makes this line fail to compile.
  const same: Same<z.infer<typeof clusterSchema>, Cluster> = true;
  expect(same).toBe(true);
});

test('what was written is read again, whole', async () => {
  const paths = temporaryState();
  await writeClusterRecord(paths, cluster, 'some/cluster.yaml');
  expect(await readClusterRecord(paths)).toEqual({
    cluster,
    departing: [],
    configFile: resolve('some/cluster.yaml'),
    createdAt: expect.stringMatching(/Z$/),
    updatedAt: expect.stringMatching(/Z$/),
  });
});

test('nodes that are not asked for any more are remembered until they are forgotten, or asked for again', async () => {
  const paths = temporaryState();
  const [first] = cluster.nodes;
  const more = { name: 'w-1', pool: 'w', roles: ['worker'], labels: {}, taints: [] } as const;
  const departing = async () => (await readClusterRecord(paths))?.departing.map(({ name }) => name);
  const without = { ...cluster, nodes: first === undefined ? [] : [first] };
  const both = { ...cluster, nodes: [...cluster.nodes, more] };
  await writeClusterRecord(paths, both, 'cluster.yaml');
  await writeClusterRecord(paths, without, 'cluster.yaml');
  await writeClusterRecord(paths, without, 'cluster.yaml');
  expect(await departing()).toEqual(['w-1']);
  await forgetNodes(paths, new Set(['somebody else']));
  expect(await departing()).toEqual(['w-1']);
  await forgetNodes(paths, new Set(['w-1']));
  expect(await departing()).toEqual([]);
  await writeClusterRecord(paths, both, 'cluster.yaml');
  await writeClusterRecord(paths, without, 'cluster.yaml');
  await writeClusterRecord(paths, both, 'cluster.yaml');
  expect(await departing()).toEqual([]);
});

test('a record from before there was an endpoint has the one that was meant', async () => {
  const paths = temporaryState();
  const { endpoint, ...api } = cluster.api;
  await writeClusterRecord(paths, { ...cluster, api } as Cluster, 'cluster.yaml');
  expect(readFileSync(paths.record, 'utf8')).not.toContain('endpoint');
  expect((await readClusterRecord(paths))?.cluster.api).toEqual({ ...api, endpoint });
});

test('a later write keeps when the cluster was created', async () => {
  const paths = temporaryState();
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-01T00:00:00Z') });
  try {
    await writeClusterRecord(paths, cluster, 'cluster.yaml');
    vi.setSystemTime(new Date('2026-01-02T00:00:00Z'));
    await writeClusterRecord(paths, cluster, 'cluster.yaml');
  } finally {
    vi.useRealTimers();
  }
  expect(await readClusterRecord(paths)).toMatchObject({
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-02T00:00:00.000Z',
  });
});

test('nothing is remembered of a cluster that was never made', async () => {
  expect(await readClusterRecord(temporaryState())).toBeUndefined();
  expect(await listClusters()).toEqual([]);
});

test.each([
  ['{"version":', 'it is not JSON'],
  ['[]', 'the whole: '],
  ['{"version":1}', 'configFile: '],
  ['{"version":"1"}', 'version: '],
])('a damaged record (%s) is named with what is wrong in it, and the next write mends it', async (text, wrong) => {
  const paths = temporaryState();
  mkdirSync(dirname(paths.record), { recursive: true });
  writeFileSync(paths.record, text);
  await expect(readClusterRecord(paths)).rejects.toMatchObject({
    code: 'state-invalid',
    message: expect.stringContaining(`${paths.record} is damaged: ${wrong}`),
  });
  await writeClusterRecord(paths, cluster, 'cluster.yaml');
  expect((await readClusterRecord(paths))?.cluster).toEqual(cluster);
});

test('the record of a newer kubewright is not read as if it were ours', async () => {
  const paths = temporaryState();
  await writeClusterRecord(paths, cluster, 'cluster.yaml');
  writeFileSync(paths.record, readFileSync(paths.record, 'utf8').replace('"version": 1,', '"version": 7,'));
  await expect(readClusterRecord(paths)).rejects.toThrow('has version 7, and this kubewright knows up to 1');
});

test('clusters are listed by name; a lock, a stray file and a folder without a record are none', async () => {
  const paths = temporaryState();
  for (const name of ['b', 'a']) await writeClusterRecord(statePaths(name), { ...cluster, name }, 'cluster.yaml');
  mkdirSync(paths.directory, { recursive: true });
  writeFileSync(paths.lock, '{}');
  writeFileSync(join(clustersDirectory(), 'README'), '');
  expect(await listClusters()).toEqual(['a', 'b']);
});

test('a removed cluster leaves nothing, and removing it again is fine', async () => {
  const paths = temporaryState();
  await writeClusterRecord(paths, cluster, 'cluster.yaml');
  mkdirSync(paths.runs);
  await removeCluster(paths);
  await removeCluster(paths);
  expect(readdirSync(clustersDirectory())).toEqual([]);
});
