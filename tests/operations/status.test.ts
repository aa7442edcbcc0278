import { describe, expect, test } from 'vitest';
import { KubewrightError } from '../../src/core/errors.js';
import type { RemoteHost } from '../../src/host/remote-host.js';
import type { Cluster } from '../../src/model/cluster.js';
import type { Operator } from '../../src/operations/operator.js';
import { statusOf } from '../../src/operations/status.js';
import { openWorkspaceOf, type Workspace } from '../../src/operations/workspace.js';
import type { ExistingMachine, Machine } from '../../src/providers/provider.js';
import { writeClusterRecord } from '../../src/state/store.js';
import { clusterOf, nodeNamed } from '../engines/native/views.js';
import { temporaryState } from '../state/folder.js';
import { fakeHost, type HostStory } from './fake-host.js';
import { newAuthority, serveApi } from './status/api-server.js';

const operator: Operator = {
  emit: () => {},
  stop: new AbortController().signal,
  abort: new AbortController().signal,
  confirm: () => Promise.reject(new Error('nothing is to be asked')),
  askSecret: () => Promise.reject(new Error('nothing is to be asked')),
};

const kubeNode = (name: string, ready = true) => ({
  metadata: { name },
  status: {
    conditions: [
      { type: 'Ready', status: ready ? 'True' : 'Unknown', message: 'Kubelet stopped posting node status.' },
    ],
    nodeInfo: { kubeletVersion: 'v1.36.3' },
  },
});

interface Scene {
  readonly workspace: Workspace;
  /** The titles of what ran on hosts, by host. */
  readonly ran: readonly string[];
}

/**
 * A cluster whose machines' hosts and API servers are on this machine. `hosts`: how each is opened; by default it is up.
 */
async function scene(
  cluster: Cluster,
  options: {
    readonly known?: readonly object[];
    readonly etcd?: string;
    readonly hosts?: Readonly<Record<string, () => Promise<RemoteHost>>>;
    readonly before?: Cluster;
  } = {},
): Promise<Scene> {
  const paths = temporaryState(cluster.name);
  if (options.before !== undefined) await writeClusterRecord(paths, options.before, 'cluster.yaml');
  const authority = await newAuthority();
  const port = await serveApi(authority, {
    '/api/v1/namespaces/kube-system': {},
    '/api/v1/nodes': { items: options.known ?? cluster.nodes.map(({ name }) => kubeNode(name)) },
  });
  const ran: string[] = [];
  const machine = (name: string): Machine => ({
    ...{ name, address: '127.0.0.1', api: { host: '127.0.0.1', port } },
    ssh: { name, address: name, port: 22, user: 'root' } as Machine['ssh'],
  });
  const story = (name: string): HostStory => ({
    name,
    kubernetes: name.startsWith('control-plane')
      ? `joined\ncontrol-plane\nversion 1.36.3\nrotating\n>admin.conf\n${authority.adminConf}\n<admin.conf\n>ca.crt\nCA\n<ca.crt\n`
      : 'joined\nrotating\n',
    etcd: options.etcd ?? ETCD,
    ran: (title) => ran.push(`${name}: ${title}`),
  });
  const names = [...cluster.nodes, ...(options.before?.nodes ?? [])].map(({ name }) => name);
  const existing: readonly ExistingMachine[] = [...new Set(names)].map((name) => ({
    ...{ name, state: 'running', machine: machine(name) },
  }));
  const opened = await openWorkspaceOf(cluster, 'cluster.yaml', operator);
  return {
    ran,
    workspace: {
      ...opened,
      provider: { ...opened.provider, existing: async () => existing },
      cachedPayload: async () => undefined,
      openHost: ({ name }) => options.hosts?.[name]?.() ?? Promise.resolve(fakeHost(story(name))),
    },
  };
}

const ETCD =
  '{"members":[{"ID":13803658152347727308,"name":"control-plane-1","clientURLs":["https://127.0.0.1:2379"]}]}\n' +
  '[{"endpoint":"https://127.0.0.1:2379","health":true}]\n';
const cluster = clusterOf(['control-plane-1', 'workers-1']);
const never = new AbortController().signal;

describe('the status of a cluster', () => {
  test('that is well', async () => {
    const { workspace, ran } = await scene(cluster);
    const result = await statusOf(workspace, never);
    expect(result).toMatchObject({
      ...{ cluster: 'demo', apiReachable: true, healthy: true, problems: [], strangers: [] },
      nodes: [
        { name: 'control-plane-1', machine: 'running', ready: true, problems: [] },
        { name: 'workers-1', machine: 'running', ready: true, problems: [] },
      ],
      apiServers: [{ name: 'control-plane-1', answers: true }],
      etcd: { voters: 1, healthy: 1, needed: 1 },
    });
    expect(JSON.parse(JSON.stringify(result)).nodes).toHaveLength(2);
    // One round trip a host, beside it that for certificates, and one for etcd.
    expect([...ran].sort()).toEqual([
      'control-plane-1: ask etcd for its members',
      'control-plane-1: gather facts',
      'control-plane-1: gather facts',
      'workers-1: gather facts',
    ]);
  });

  test('says that changes were not counted where artifacts are not in the cache', async () => {
    const { workspace } = await scene(cluster);
    const { drift, nodes, healthy } = await statusOf(workspace, never);
    expect(drift.unseen).toMatch(/^the artifacts of Kubernetes 1\.36\.3 for (amd64|arm64) are not in the cache$/);
    expect(nodes.map(({ pendingChanges }) => pendingChanges)).toEqual([undefined, undefined]);
    expect(healthy).toBe(true);
  });

  test('names those that are to be removed and those that nobody knows, and is well all the same', async () => {
    const before = { ...cluster, nodes: [...cluster.nodes, nodeNamed('workers-2')] };
    const known = [...before.nodes.map(({ name }) => kubeNode(name)), kubeNode('laptop')];
    const { workspace } = await scene(cluster, { before, known });
    const result = await statusOf(workspace, never);
    expect(result.nodes.map(({ name, wanted }) => [name, wanted])).toEqual([
      ['control-plane-1', true],
      ['workers-1', true],
      ['workers-2', false],
    ]);
    expect(result.strangers).toEqual([{ name: 'laptop', ready: true, version: 'v1.36.3' }]);
    expect(result.healthy).toBe(true);
  });

  test('is not well without a quorum, and tells which host is down', async () => {
    const dead = () =>
      Promise.reject(
        new KubewrightError('host-unreachable', 'workers-1 (10.0.0.12:22) cannot be reached: it does not answer.'),
      );
    const etcd = ETCD.replace('"health":true', '"health":false,"error":"context deadline exceeded"');
    const known = [kubeNode('control-plane-1'), kubeNode('workers-1', false)];
    const { workspace } = await scene(cluster, { hosts: { 'workers-1': dead }, etcd, known });
    const result = await statusOf(workspace, never);
    expect(result).toMatchObject({
      healthy: false,
      etcd: { voters: 1, healthy: 0, needed: 1 },
      nodes: [
        { problems: ['its etcd member is not healthy: context deadline exceeded'] },
        {
          machine: 'unreachable',
          problems: [
            '(10.0.0.12:22) cannot be reached: it does not answer.',
            'not Ready: Kubelet stopped posting node status.',
          ],
        },
      ],
    });
  });
});

test('a host that is down holds up no other: all is asked while it is waited for', async () => {
  let giveUp = (_: Error) => {};
  const dead = new Promise<RemoteHost>((_, reject) => {
    giveUp = reject;
  });
  let wasAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    wasAsked = resolve;
  });
  const { workspace, ran } = await scene(cluster, { hosts: { 'workers-1': () => dead } });
  const watched: Workspace = {
    ...workspace,
    openHost: async (...request) => {
      const host = await workspace.openHost(...request);
      const script: RemoteHost['script'] = async (...call) => {
        const result = await host.script(...call);
        if (call[1].title === 'ask etcd for its members') wasAsked();
        return result;
      };
      return { ...host, script };
    },
  };
  const looking = statusOf(watched, never);
  await asked;
  expect(ran.filter((line) => line.startsWith('workers-1'))).toEqual([]);
  giveUp(new KubewrightError('host-unreachable', 'workers-1 does not answer'));
  expect((await looking).nodes[1]).toMatchObject({ machine: 'unreachable', problems: ['does not answer'] });
});

test('a status that is aborted ends at once', async () => {
  const abort = new AbortController();
  const hanging = () => {
    setImmediate(() => abort.abort());
    return new Promise<RemoteHost>((_, reject) => {
      abort.signal.addEventListener('abort', () => reject(new KubewrightError('interrupted', 'stopped')));
    });
  };
  const { workspace } = await scene(cluster, { hosts: { 'workers-1': hanging } });
  const looking = statusOf(workspace, abort.signal);
  await expect(looking).rejects.toThrow();
});
