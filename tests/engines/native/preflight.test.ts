import { describe, expect, test } from 'vitest';
import { KubewrightError } from '../../../src/core/errors.js';
import type { HostView } from '../../../src/engines/native/context.js';
import { preflightStep } from '../../../src/engines/native/preflight.js';
import { UNITS } from '../../../src/engines/native/units.js';
import { clusterOf, FRESH_HOST, joined, knownLooks, viewOf } from './views.js';

const cluster = clusterOf(['control-plane-1', 'control-plane-2', 'workers-1']);
const [one, two, worker] = cluster.nodes as [HostView['node'], HostView['node'], HostView['node']];
const hosts = cluster.nodes.map((node) => ({ node, view: { id: `${node.name}/facts` } }));
const dead = (name: string) =>
  new KubewrightError('host-unreachable', `${name} cannot be reached: it does not answer.`, { hint: 'Is it on?' });

/** The report, or undefined where preflight lets everything pass. */
async function report(looks: Parameters<typeof knownLooks>[0]): Promise<string | undefined> {
  const step = preflightStep(hosts, { cluster } as Parameters<typeof preflightStep>[1]);
  try {
    await step.read(knownLooks(looks));
    return undefined;
  } catch (error) {
    if (error instanceof KubewrightError && error.code === 'preflight-failed') return error.message;
    throw error;
  }
}

const withoutBalancer = (view: HostView): HostView => ({
  ...view,
  units: new Map([...view.units].filter(([name]) => name !== UNITS.balancer)),
});

describe('a host that does not answer', () => {
  test('is a problem where there is no cluster yet, with what to do', async () => {
    const said = await report({
      'control-plane-1': withoutBalancer(viewOf(one, FRESH_HOST)),
      'control-plane-2': withoutBalancer(viewOf(two, FRESH_HOST)),
      'workers-1': dead('workers-1'),
    });
    expect(said).toContain('1 problem on 1 host');
    expect(said).toContain('workers-1: workers-1 cannot be reached: it does not answer.\n    → Is it on?');
  });

  test('holds up no other where there is one, be it a worker or a control plane', async () => {
    const member = viewOf(one, joined(one));
    const others = { 'control-plane-2': viewOf(two, joined(two)), 'workers-1': viewOf(worker, joined(worker)) };
    expect(await report({ ...others, 'control-plane-1': member, 'workers-1': dead('workers-1') })).toBeUndefined();
    expect(await report({ ...others, 'control-plane-1': dead('control-plane-1') })).toBeUndefined();
  });

  test('does not hide what is wrong with those that do', async () => {
    const swapping = viewOf(worker, FRESH_HOST);
    const said = await report({
      'control-plane-1': viewOf(one, joined(one)),
      'control-plane-2': dead('control-plane-2'),
      'workers-1': { ...swapping, traits: { ...swapping.traits, swap: true } },
    });
    expect(said).toContain('workers-1: swap is on');
    expect(said).not.toContain('control-plane-2');
  });

  test('is a problem beside a cluster whose init was cut off: there is none yet', async () => {
    const said = await report({
      'control-plane-1': viewOf(one, joined(one, { unfinished: 'init' })),
      'control-plane-2': dead('control-plane-2'),
      'workers-1': 'unknown',
    });
    expect(said).toContain('control-plane-2 cannot be reached');
  });
});

test('of a machine that is yet to be made nothing is said', async () => {
  expect(
    await report({ 'control-plane-1': 'unknown', 'control-plane-2': 'unknown', 'workers-1': 'unknown' }),
  ).toBeUndefined();
});
