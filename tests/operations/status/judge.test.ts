import { describe, expect, test } from 'vitest';
import { UNITS } from '../../../src/engines/native/units.js';
import type { KubeNode } from '../../../src/kube/objects.js';
import type { EtcdMemberStatus } from '../../../src/operations/results.js';
import { clusterProblems, type Findings, nodeStatus, strangersAmong } from '../../../src/operations/status/judge.js';
import type { Look } from '../../../src/operations/status/look.js';
import { clusterOf, FRESH_HOST, joined, viewOf } from '../../engines/native/views.js';

const cluster = clusterOf(['control-plane-1', 'workers-1']);
const [controlPlane, worker] = cluster.nodes as [Look['node'], Look['node']];
const NOW = Date.parse('2026-11-24T00:00:00Z');

const kubeNode = (name: string, change: Partial<KubeNode> = {}): KubeNode => ({
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1.36.3' } },
  ...change,
});
const notReady = (message: string): Partial<KubeNode> => ({
  status: { conditions: [{ type: 'Ready', status: 'Unknown', message }], nodeInfo: { kubeletVersion: 'v1.36.3' } },
});
const member = (name: string, change: Partial<EtcdMemberStatus> = {}): EtcdMemberStatus => ({
  ...{ id: 'bf9071f4639c75cc', name, votes: true, healthy: true },
  ...change,
});

const good: Findings = {
  cluster,
  looks: [],
  apiServers: [{ name: 'control-plane-1', server: 'https://10.0.0.11:6443', answers: true }],
  members: new Map(['control-plane-1', 'workers-1'].map((name) => [name, kubeNode(name)])),
  etcd: { etcd: { members: [member('control-plane-1')], voters: 1, healthy: 1, needed: 1 } },
  pendingChanges: new Map(),
  now: NOW,
};

const seen = (node: Look['node'], change: Partial<Look> = {}): Look => {
  const view = viewOf(node, joined(node));
  return {
    node,
    wanted: true,
    existing: { name: node.name, state: 'running', machine: view.machine },
    view,
    ...change,
  };
};
const unseen = ({ view: _, ...look }: Look): Look => look;
const onlyUnits = (node: Look['node'], ...names: readonly string[]): Partial<Look> => {
  const view = viewOf(node, joined(node));
  return { view: { ...view, units: new Map([...view.units].filter(([name]) => names.includes(name))) } };
};
const withMembers = (...members: readonly EtcdMemberStatus[]): Partial<Findings> => ({
  etcd: { etcd: { members, voters: members.length, healthy: 1, needed: 1 } },
});

test('nothing is wrong with nodes that are well', () => {
  expect(nodeStatus(seen(controlPlane, { expires: '2027-11-24T00:00:00Z' }), good)).toMatchObject({
    ...{ machine: 'running', ready: true, version: 'v1.36.3', address: '10.0.0.11', wanted: true, problems: [] },
  });
  expect(nodeStatus(seen(worker), good).problems).toEqual([]);
  expect(clusterProblems({ ...good, looks: [seen(controlPlane), seen(worker)] })).toEqual([]);
});

describe('what is wrong with a node', () => {
  test.each<[string, Look, Partial<Findings>, readonly string[]]>([
    [
      'no machine',
      unseen(seen(worker, { existing: undefined })),
      { members: new Map() },
      ['the machine does not exist'],
    ],
    [
      'a machine that was stopped',
      unseen(seen(worker, { existing: { name: 'workers-1', state: 'stopped' } })),
      { members: new Map([['workers-1', kubeNode('workers-1', notReady('Kubelet stopped posting node status.'))]]) },
      ['the machine is stopped', 'not Ready: Kubelet stopped posting node status.'],
    ],
    [
      'no answer, told without its name and in one line',
      unseen(seen(worker, { error: 'workers-1 (10.0.0.12:22) cannot be reached: it does not answer.\nmore' })),
      {},
      ['(10.0.0.12:22) cannot be reached: it does not answer.'],
    ],
    [
      'a host on which nothing is',
      seen(worker, { view: viewOf(worker, FRESH_HOST) }),
      { members: new Map() },
      ['not a member of the cluster yet'],
    ],
    ['an API that has forgotten it', seen(worker), { members: new Map() }, ['the API server does not know it']],
    ['an API that nobody can ask', seen(worker), { members: undefined }, []],
    [
      'another version',
      seen(worker),
      {
        members: new Map([
          [
            'workers-1',
            kubeNode('workers-1', { status: { ...kubeNode('').status, nodeInfo: { kubeletVersion: 'v1.35.0' } } }),
          ],
        ]),
      },
      ['runs v1.35.0, cluster.yaml asks for v1.36.3'],
    ],
    [
      'a cordon',
      seen(worker),
      { members: new Map([['workers-1', kubeNode('workers-1', { spec: { unschedulable: true } })]]) },
      ['cordoned'],
    ],
    [
      'a load balancer of its own that does not run',
      seen(worker, onlyUnits(worker, UNITS.containerd, UNITS.kubelet)),
      {},
      ['kubewright-api.service, its way to the API servers, is not there'],
    ],
    [
      'no load balancer where it is to have none',
      seen(worker, onlyUnits(worker, UNITS.containerd)),
      { cluster: { ...cluster, api: { ...cluster.api, endpoint: { kind: 'virtual-ip', address: '10.0.0.10' } } } },
      ['kubelet.service is not there'],
    ],
    [
      'certificates that end within a month',
      seen(controlPlane, { expires: '2026-12-20T00:00:00Z' }),
      {},
      ['certificates expire 2026-12-20T00:00:00Z'],
    ],
    [
      'an API server that does not answer',
      seen(controlPlane),
      { apiServers: [{ name: 'control-plane-1', answers: false, error: 'no answer within 4 s' }] },
      ['its API server does not answer: no answer within 4 s'],
    ],
    [
      'a member of etcd that is not healthy',
      seen(controlPlane),
      withMembers(member('control-plane-1', { healthy: false, error: 'context deadline exceeded' })),
      ['its etcd member is not healthy: context deadline exceeded'],
    ],
    ['an etcd that does not know it', seen(controlPlane), withMembers(), ['etcd does not know it as a member']],
    ['an etcd that nobody can ask', seen(controlPlane), { etcd: { error: 'no' } }, []],
  ])('%s', (_, look, change, problems) => {
    expect(nodeStatus(look, { ...good, ...change }).problems).toEqual(problems);
  });

  test('is nothing where it is to be removed, whatever it is like', () => {
    const look = unseen(seen(worker, { wanted: false, error: 'it does not answer' }));
    expect(nodeStatus(look, good)).toMatchObject({ wanted: false, machine: 'unreachable', problems: [] });
  });
});

describe('what is wrong with the cluster as a whole', () => {
  const looks = [seen(controlPlane)];

  test.each<[string, Partial<Findings>, readonly string[]]>([
    [
      'an etcd that cannot be asked',
      { etcd: { error: 'it took too long' } },
      ['etcd cannot be asked: it took too long'],
    ],
    [
      'an endpoint of its own that does not answer',
      { apiServers: [{ name: 'api.endpoint', server: 'https://api.example:443', answers: false, error: 'ENOTFOUND' }] },
      ['api.endpoint: https://api.example:443 does not answer: ENOTFOUND'],
    ],
    [
      'a vote of a machine that is gone',
      withMembers(member('control-plane-1'), member('control-plane-7', { healthy: false })),
      ['etcd member control-plane-7 is none of these machines, and has a vote'],
    ],
    [
      'a member that never came',
      withMembers(member('control-plane-1'), member('', { votes: false, healthy: false })),
      ['etcd member bf9071f4639c75cc has never started'],
    ],
  ])('%s', (_, change, problems) => {
    expect(clusterProblems({ ...good, looks, ...change })).toEqual(problems);
  });
});

test('nodes that the API knows and nobody else are strangers; those that are to be removed are not', () => {
  const members = new Map(['control-plane-1', 'workers-9', 'laptop'].map((name) => [name, kubeNode(name)]));
  const leaving = seen({ ...worker, name: 'workers-9' }, { wanted: false });
  expect(strangersAmong({ members, looks: [seen(controlPlane), leaving] })).toEqual([
    { name: 'laptop', ready: true, version: 'v1.36.3' },
  ]);
  expect(strangersAmong({ members: undefined, looks: [] })).toEqual([]);
});
