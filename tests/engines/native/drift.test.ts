import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Payload, PayloadImage } from '../../../src/artifacts/payload.js';
import type { HostView } from '../../../src/engines/native/context.js';
import { membershipChange } from '../../../src/engines/native/join.js';
import { nodeFiles } from '../../../src/engines/native/node-files.js';
import { preparationChanges, type WantedServers } from '../../../src/engines/native/prepare.js';
import { UNITS } from '../../../src/engines/native/units.js';
import { FRESH_HOST, joined, nodeNamed, viewOf } from './views.js';

const image = (name: string): PayloadImage => ({
  ...{ name, ref: `registry.example/${name}:1`, version: '1', digest: `sha256:${name}` },
  ...{ sha256: `sum-of-${name}`, size: 1, path: `/cache/${name}`, roles: ['worker'] },
});
const payload: Payload = {
  ...{ arch: 'amd64', kubernetesVersion: '1.36.3', source: 'cache' },
  files: [
    {
      ...{ name: 'kubelet', version: '1.36.3', destination: '/usr/local/bin/kubelet' },
      ...{ sha256: 'sum-of-kubelet', size: 1, path: '/cache/kubelet', roles: ['worker'] },
    },
  ],
  images: [image('pause'), image('haproxy')],
};
const balanced: WantedServers = {
  servers: [{ name: 'control-plane-1', address: '10.0.0.11', port: 6443 }],
  complete: true,
};
const node = nodeNamed('workers-1');

/** A host on which everything is as it should be. */
function settled(): HostView {
  const view = viewOf(node, joined(node));
  const files = nodeFiles(view.traits, {
    pause: 'registry.example/pause:1',
    balancer: { image: 'sha256:haproxy', servers: balanced.servers },
  });
  return {
    ...view,
    installed: {
      files: new Map([['/usr/local/bin/kubelet', { stamp: '1 7' }]]),
      manifest: new Map([['/usr/local/bin/kubelet', { sha256: 'sum-of-kubelet', stamp: '1 7' }]]),
      images: new Set(['registry.example/pause:1']),
      ipForward: true,
    },
    configuration: new Map(
      files.map(({ path, content }) => [path, createHash('sha256').update(content).digest('hex')]),
    ),
    contents: new Map(files.map(({ path, content }) => [path, content])),
  };
}

describe('what preparing would change', () => {
  test('is nothing on a host that is as it should be', () => {
    expect(preparationChanges(payload, settled(), { balanced, externalEtcd: false })).toEqual([]);
  });

  const host = settled();
  test.each<[string, HostView, WantedServers | undefined, readonly string[]]>([
    [
      'a binary that was changed',
      { ...host, installed: { ...host.installed, files: new Map([['/usr/local/bin/kubelet', { stamp: '1 8' }]]) } },
      balanced,
      ['/usr/local/bin/kubelet'],
    ],
    [
      'an image that is gone',
      { ...host, installed: { ...host.installed, images: new Set<string>() } },
      balanced,
      ['registry.example/pause:1'],
    ],
    [
      'a unit that does not run',
      { ...host, units: new Map([...host.units].filter(([name]) => name !== UNITS.balancer)) },
      balanced,
      [UNITS.balancer],
    ],
    [
      'a control plane that came',
      host,
      { ...balanced, servers: [...balanced.servers, { name: 'control-plane-2', address: '10.0.0.12', port: 6443 }] },
      ['/etc/kubewright/haproxy/haproxy.cfg'],
    ],
    [
      'a control plane that is yet to be made',
      host,
      { ...balanced, complete: false },
      ['/etc/kubewright/haproxy/haproxy.cfg'],
    ],
    ['a load balancer that is not wanted', host, undefined, []],
  ])('tells of %s', (_, found, servers, expected) => {
    expect(
      preparationChanges(payload, found, { balanced: servers, externalEtcd: false }).map(({ what }) => what),
    ).toEqual(expected);
  });

  test('is everything on a fresh host', () => {
    const changes = preparationChanges(
      payload,
      { ...viewOf(node, FRESH_HOST), units: new Map() },
      { balanced, externalEtcd: false },
    );
    expect(changes.length).toBeGreaterThan(10);
  });
});

test.each([
  ['a fresh host', FRESH_HOST, 'not a member yet'],
  ['one whose join was cut off', joined(node, { unfinished: 'join' }), 'begun before, not ended'],
  ['one that the API has forgotten', joined(node), 'the API server does not know this node'],
] as const)('%s has to join', (_, kubernetes, why) => {
  expect(membershipChange(kubernetes, () => false)).toEqual({ action: 'run', what: 'kubeadm join', why });
});

test('a member that the API knows has not, and of a fresh host the API is not asked', () => {
  expect(membershipChange(joined(node), () => true)).toBeUndefined();
  const unasked = () => {
    throw new Error('it must not be asked');
  };
  expect(membershipChange(FRESH_HOST, unasked)).toMatchObject({ why: 'not a member yet' });
});
