import { describe, expect, test } from 'vitest';
import { KubewrightError } from '../../../src/core/errors.js';
import { UnknownOutput } from '../../../src/core/unknown-output.js';
import { findCluster } from '../../../src/engines/native/found-cluster.js';
import { FRESH_HOST, joined, knownLooks, nodeNamed, viewOf } from './views.js';

const [one, two, three] = ['control-plane-1', 'control-plane-2', 'control-plane-3'].map(nodeNamed) as [
  ReturnType<typeof nodeNamed>,
  ReturnType<typeof nodeNamed>,
  ReturnType<typeof nodeNamed>,
];
const hosts = [one, two, three].map((node) => ({ node, view: { id: `${node.name}/facts` } }));
const dead = new KubewrightError('host-unreachable', 'it does not answer');
const find = (looks: Parameters<typeof knownLooks>[0]) => findCluster(knownLooks(looks), hosts);

describe('the cluster is found', () => {
  test('on any control plane that runs, be the others down, new, or yet to be made', () => {
    const found = find({
      'control-plane-1': dead,
      'control-plane-2': viewOf(two, joined(two, { adminConf: 'CONF OF 2' })),
      'control-plane-3': 'unknown',
    });
    expect(found).toMatchObject({ adminConf: 'CONF OF 2', ca: 'CA', joining: undefined });
    expect(found?.members.map(({ node }) => node.name)).toEqual(['control-plane-2']);
    const beside = find({
      'control-plane-1': viewOf(one, FRESH_HOST),
      'control-plane-2': viewOf(two, joined(two)),
      'control-plane-3': viewOf(three, joined(three)),
    });
    expect(beside?.members.map(({ node }) => node.name)).toEqual(['control-plane-2', 'control-plane-3']);
  });

  test('nowhere where all are new', () => {
    const fresh = { 'control-plane-1': viewOf(one, FRESH_HOST), 'control-plane-2': viewOf(two, FRESH_HOST) };
    expect(find({ ...fresh, 'control-plane-3': viewOf(three, FRESH_HOST) })).toBeUndefined();
  });

  test.each(['init', 'join'] as const)('not on one whose %s was cut off', (unfinished) => {
    expect(
      find({
        'control-plane-1': viewOf(one, joined(one, { unfinished })),
        'control-plane-2': viewOf(two, FRESH_HOST),
        'control-plane-3': viewOf(three, FRESH_HOST),
      }),
    ).toBeUndefined();
  });
});

describe('it cannot be told whether there is a cluster', () => {
  test('where none is a member and one is silent: perhaps it is one', () => {
    const looking = () =>
      find({
        'control-plane-1': viewOf(one, FRESH_HOST),
        'control-plane-2': dead,
        'control-plane-3': viewOf(three, FRESH_HOST),
      });
    expect(looking).toThrow(expect.objectContaining({ code: 'control-planes-silent' }));
    expect(looking).toThrow(/control-plane-2: it does not answer/);
  });

  test('where one that was cut off stands beside a silent one', () => {
    const looking = () =>
      find({
        'control-plane-1': viewOf(one, joined(one, { unfinished: 'join' })),
        'control-plane-2': dead,
        'control-plane-3': 'unknown',
      });
    expect(looking).toThrow(expect.objectContaining({ code: 'control-planes-silent' }));
  });

  test('under a plan, before a machine is made', () => {
    const looking = () =>
      find({
        'control-plane-1': viewOf(one, FRESH_HOST),
        'control-plane-2': 'unknown',
        'control-plane-3': viewOf(three, FRESH_HOST),
      });
    expect(looking).toThrow(UnknownOutput);
  });
});
