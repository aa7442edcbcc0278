import { describe, expect, test } from 'vitest';
import type { Payload } from '../../../src/artifacts/payload.js';
import { KubewrightError } from '../../../src/core/errors.js';
import type { KubeClient } from '../../../src/kube/client.js';
import type { KubeNode } from '../../../src/kube/objects.js';
import type { OpenApi } from '../../../src/operations/status/api.js';
import { driftOf } from '../../../src/operations/status/drift.js';
import type { Look } from '../../../src/operations/status/look.js';
import { clusterOf, FRESH_HOST, joined, viewOf } from '../../engines/native/views.js';

const { api } = clusterOf([]);
// No load balancers: then every file of a node is told from its traits alone.
const cluster = clusterOf(['control-plane-1', 'workers-1'], {
  api: { ...api, endpoint: { kind: 'load-balancer', host: 'api.example', port: 443 } },
});
const [controlPlane, worker] = cluster.nodes as [Look['node'], Look['node']];
const image = (name: string) => ({
  ...{ name, ref: `registry.example/${name}:1`, version: '1', digest: `sha256:${name}` },
  ...{ sha256: name, size: 1, path: `/cache/${name}`, roles: ['worker' as const] },
});
const payload: Payload = {
  ...{ arch: 'amd64', kubernetesVersion: '1.36.3', source: 'cache', files: [] },
  images: [image('pause'), image('flannel')],
};
const never = new AbortController().signal;

const look = (node: Look['node'], kubernetes = joined(node), wanted = true): Look => ({
  ...{ node, wanted, view: viewOf(node, kubernetes) },
  existing: { name: node.name, state: 'running', machine: viewOf(node, kubernetes).machine },
});
/** An API in which there are these nodes, and no add-ons. */
const open = (...nodes: readonly KubeNode[]): OpenApi => ({
  client: { get: async () => undefined } as unknown as KubeClient,
  nodes: new Map(nodes.map((node) => [node.metadata.name, node])),
});
const labelled = (node: Look['node']): KubeNode => ({
  metadata: {
    name: node.name,
    labels: {
      'kubewright.dev/pool': node.pool,
      ...(node.roles.includes('worker') ? { 'node-role.kubernetes.io/worker': '' } : {}),
    },
  },
});
const drift = (
  looks: readonly Look[],
  from?: OpenApi,
  cachedPayload: () => Promise<Payload | undefined> = async () => payload,
) => driftOf(looks, from, { cluster, cachedPayload }, never);

/** Six files that are not there, and two images. */
const TO_PREPARE = 6 + 2;

describe('drift counts', () => {
  test('what differs on a host, and what its node lacks in the API', async () => {
    const known = open(labelled(controlPlane), { metadata: { name: 'workers-1' } });
    const { nodes, addons, changes } = await drift([look(controlPlane), look(worker)], known);
    expect([...nodes]).toEqual([
      ['control-plane-1', TO_PREPARE],
      ['workers-1', TO_PREPARE + 2],
    ]);
    expect(addons).toBe(3);
    expect(changes).toBe(TO_PREPARE * 2 + 2 + 3);
  });

  test('that a host has to join, and then the labels of a new node, whatever was known under its name', async () => {
    const known = open(labelled(controlPlane), labelled(worker));
    const { nodes } = await drift([look(controlPlane), look(worker, FRESH_HOST)], known);
    // Its units run and are enabled here.
    expect(nodes.get('workers-1')).toBe(TO_PREPARE + 1 + 2);
  });

  test('only what the hosts tell where the API does not answer', async () => {
    const { nodes, addons } = await drift([look(controlPlane), look(worker)]);
    expect([...nodes.values()]).toEqual([TO_PREPARE, TO_PREPARE]);
    expect(addons).toBeUndefined();
  });

  test('nothing on hosts that are to be removed, or did not answer', async () => {
    const { view: _, ...silent } = look(worker);
    const { nodes } = await drift([
      look(controlPlane),
      silent,
      look({ ...worker, name: 'workers-9' }, undefined, false),
    ]);
    expect([...nodes.keys()]).toEqual(['control-plane-1']);
  });

  test('nothing where the artifacts are not in the cache, or what is locked cannot be read, and says so', async () => {
    const missing = await drift([look(controlPlane)], open(), async () => undefined);
    expect(missing).toMatchObject({
      ...{ changes: 0, addons: undefined },
      unseen: 'the artifacts of Kubernetes 1.36.3 for amd64 are not in the cache',
    });
    const damaged = () => Promise.reject(new KubewrightError('artifact-lock-invalid', 'artifacts.lock cannot be read'));
    expect((await drift([look(controlPlane)], open(), damaged)).unseen).toBe('artifacts.lock cannot be read');
  });
});
