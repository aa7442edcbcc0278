import { describe, expect, test } from 'vitest';
import { KubewrightError } from '../../../src/core/errors.js';
import { askEtcd, etcdStatus } from '../../../src/operations/status/etcd.js';
import type { Look } from '../../../src/operations/status/look.js';
import { clusterOf, FRESH_HOST, joined, nodeNamed, viewOf } from '../../engines/native/views.js';

const LIST =
  '{"members":[{"ID":13803658152347727308,"name":"control-plane-1","clientURLs":["https://172.18.0.2:2379"]}]}\n' +
  '[{"endpoint":"https://172.18.0.2:2379","health":true}]\n';
const cluster = clusterOf(['control-plane-1', 'control-plane-2']);
const never = new AbortController().signal;

/** A control plane on which asking etcd prints this, or fails like this. */
function looked(name: string, answer: string | Error, asked: string[] = []): Promise<Look> {
  const node = nodeNamed(name);
  const script = async () => {
    asked.push(name);
    if (answer instanceof Error) throw answer;
    return { stdout: answer, stderr: '', code: 0 };
  };
  const view = { ...viewOf(node, joined(node)), host: { script } as unknown as ReturnType<typeof viewOf>['host'] };
  return Promise.resolve({ node, wanted: true, existing: undefined, view });
}

describe('etcd is asked', () => {
  const failed = new KubewrightError('remote-command-failed', 'etcd does not run on this host');

  test('of the first control plane that answers, and of no other', async () => {
    const asked: string[] = [];
    const looks = [looked('control-plane-1', LIST, asked), looked('control-plane-2', LIST, asked)];
    const { etcd } = await askEtcd(looks, cluster, never);
    expect(etcd).toMatchObject({
      voters: 1,
      healthy: 1,
      needed: 1,
      members: [{ id: 'bf9071f4639c75cc', votes: true }],
    });
    expect(asked).toHaveLength(1);
  });

  test('of the next one where that fails, and without waiting for a host that is down', async () => {
    const down = new Promise<Look>(() => {});
    const looks = [down, looked('control-plane-1', failed), looked('control-plane-2', LIST)];
    expect((await askEtcd(looks, cluster, never)).etcd?.healthy).toBe(1);
  });

  test('in vain where all fail, which is told with the first reason', async () => {
    const looks = [looked('control-plane-1', failed), looked('control-plane-2', new Error('also'))];
    expect(await askEtcd(looks, cluster, never)).toEqual({ error: 'etcd does not run on this host' });
  });

  test('of nobody where there is no control plane yet, or etcd has machines of its own', async () => {
    const fresh: Look = { node: nodeNamed('control-plane-1'), wanted: true, existing: undefined };
    const view = viewOf(fresh.node, FRESH_HOST);
    expect(await askEtcd([Promise.resolve({ ...fresh, view })], cluster, never)).toEqual({});
    const apart = { nodes: [...cluster.nodes, { ...nodeNamed('etcd-1'), roles: ['etcd' as const] }] };
    expect(await askEtcd([looked('control-plane-1', LIST)], apart, never)).toEqual({});
  });
});

test('members are told in the order of their names, numbers as numbers', () => {
  const member = (name: string) => ({
    ...{ id: name, name, peerUrls: [], clientUrls: [] },
    learner: false,
    healthy: true,
  });
  const names = ['control-plane-10', 'control-plane-2', 'control-plane-1'].map(member);
  expect(etcdStatus(names).members.map(({ name }) => name)).toEqual([
    'control-plane-1',
    'control-plane-2',
    'control-plane-10',
  ]);
});
