import { describe, expect, test } from 'vitest';
import type { StepContext } from '../../../src/core/step.js';
import type { ClusterView } from '../../../src/engines/native/access.js';
import { registrationStep } from '../../../src/engines/native/registration.js';
import type { KubeNode } from '../../../src/kube/objects.js';
import type { NodeSpec } from '../../../src/model/cluster.js';

const node: NodeSpec = {
  name: 'w1',
  pool: 'workers',
  roles: ['worker'],
  labels: { tier: 'web' },
  taints: [{ key: 'team', value: 'a', effect: 'NoSchedule' }],
};
const bare: KubeNode = { metadata: { name: 'w1', labels: { 'kubernetes.io/os': 'linux' } } };

/** The step against a cluster that holds `nodes`, and the patches that it sent. */
async function converge(wanted: NodeSpec, actual: KubeNode) {
  const patches: unknown[] = [];
  const client = {
    get: () => Promise.resolve({ items: [actual] }),
    patch: (path: string, body: unknown) => {
      patches.push([path, body]);
      return Promise.resolve();
    },
  };
  const view = { client, nodes: new Map([[actual.metadata.name, actual]]) } as unknown as ClusterView;
  const step = registrationStep([wanted], { id: 'cluster/access' });
  const known = () => ({ kind: 'output', output: undefined });
  const context = { output: () => view, known, signal: new AbortController().signal } as unknown as StepContext;
  const verdict = await step.check(context);
  if (verdict.kind === 'drifted') await step.apply(context, verdict.changes);
  return { verdict, patches };
}

describe('labels and taints', () => {
  test("of the pool are put on a new node beside the kubelet's own", async () => {
    const { verdict, patches } = await converge(node, bare);
    expect(verdict.kind === 'drifted' && verdict.changes.map(({ what }) => what)).toEqual([
      'label node-role.kubernetes.io/worker= on w1',
      'label kubewright.dev/pool=workers on w1',
      'label tier=web on w1',
      'taint team=a:NoSchedule on w1',
    ]);
    expect(patches).toEqual([
      [
        '/api/v1/nodes/w1',
        {
          metadata: {
            labels: { 'node-role.kubernetes.io/worker': '', 'kubewright.dev/pool': 'workers', tier: 'web' },
            annotations: {
              'kubewright.dev/managed-labels': 'kubewright.dev/pool,node-role.kubernetes.io/worker,tier',
              'kubewright.dev/managed-taints': 'team=a:NoSchedule',
            },
          },
          spec: { taints: [{ key: 'team', value: 'a', effect: 'NoSchedule' }] },
        },
      ],
    ]);
  });

  const settled: KubeNode = {
    metadata: {
      name: 'w1',
      labels: { 'node-role.kubernetes.io/worker': '', 'kubewright.dev/pool': 'workers', tier: 'web', theirs: 'x' },
      annotations: {
        'kubewright.dev/managed-labels': 'kubewright.dev/pool,node-role.kubernetes.io/worker,tier',
        'kubewright.dev/managed-taints': 'team=a:NoSchedule',
      },
    },
    spec: {
      taints: [
        { key: 'team', value: 'a', effect: 'NoSchedule' },
        { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
      ],
    },
  };

  test('that are there already are left alone', async () => {
    expect(await converge(node, settled)).toEqual({ verdict: { kind: 'current', output: undefined }, patches: [] });
  });

  test('that left cluster.yaml are taken away; those of others stay', async () => {
    const { patches } = await converge({ ...node, labels: {} }, settled);
    expect(patches).toMatchObject([['/api/v1/nodes/w1', { metadata: { labels: { tier: null } } }]]);
    expect(JSON.stringify(patches)).not.toContain('theirs');
    expect(JSON.stringify(patches)).toContain('node.kubernetes.io/unreachable');
  });

  test('a taint that left cluster.yaml is taken away where it was ours, and stays where somebody else set it', async () => {
    const { verdict, patches } = await converge({ ...node, taints: [] }, settled);
    expect(verdict).toMatchObject({ changes: [{ action: 'delete', what: 'taint team=a:NoSchedule on w1' }] });
    expect(patches).toMatchObject([
      ['/api/v1/nodes/w1', { spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }] } }],
    ]);
  });

  test('a node that we have cordoned to let it go is uncordoned when it is wanted again; one that others cordoned is not', async () => {
    const cordoned = { ...settled, spec: { ...settled.spec, unschedulable: true } };
    expect((await converge(node, cordoned)).patches).toEqual([]);
    const annotations = { ...settled.metadata.annotations, 'kubewright.dev/leaving': '' };
    const ours = { ...cordoned, metadata: { ...settled.metadata, annotations } };
    expect((await converge(node, ours)).patches).toMatchObject([
      [
        '/api/v1/nodes/w1',
        { metadata: { annotations: { 'kubewright.dev/leaving': null } }, spec: { unschedulable: null } },
      ],
    ]);
  });
});
