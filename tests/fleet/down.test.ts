import { describe, expect, test } from 'vitest';
import { type Fleet, type FleetResult, startFleet } from '../rig/fake-hosts/fleet.js';
import { expectDone, expectNothingLeft, expectOneCluster } from './expectations.js';

const SIZE = { controlPlanes: 3, workers: 3, payload: 'small' } as const;

async function running(): Promise<Fleet> {
  const fleet = await startFleet(SIZE);
  expectDone(await fleet.up({ without: ['worker-3'] }));
  return fleet;
}

/** The hosts whose steps failed. */
function hostsOf(result: FleetResult): readonly (string | undefined)[] {
  return [...new Set([...result.outcomes.values()].flatMap(({ error }) => (error === undefined ? [] : [error.host])))];
}

function stateOf(result: FleetResult, id: string): string | undefined {
  return result.outcomes.get(id)?.state;
}

describe('a host that does not answer', () => {
  test('when there is no cluster yet is told before anything is changed', async () => {
    await using fleet = await startFleet(SIZE);
    fleet.machine('worker-2').behaviour.unreachable = true;
    const result = await fleet.up();
    expect(result.error).toMatchObject({
      code: 'preflight-failed',
      message: expect.stringContaining('worker-2 (10.0.1.1:22) cannot be reached'),
    });
    expect(fleet.world.machines.get('cp-1')?.disk.list('/etc')).toEqual([]);
    expect(result.changed).toBe(0);
  });

  test.each(['prepare', 'join'])('from its step "%s" on holds up nobody else', async (step) => {
    await using fleet = await startFleet(SIZE);
    const result = await fleet.up({
      onEvent(event) {
        if (event.type === 'step' && event.id === `worker-2/${step}` && event.state === 'applying') {
          fleet.machine('worker-2').powerOff();
        }
      },
    });
    expect(hostsOf(result)).toEqual(['worker-2']);
    expect(stateOf(result, 'cluster/ready')).toBe('read');
    expectOneCluster(fleet, ['worker-2']);
    fleet.machine('worker-2').powerOn();
    expectDone(await fleet.up());
    expectOneCluster(fleet);
    await expectNothingLeft(fleet);
  });

  test('is named by a plan, which tells all about the others', async () => {
    await using fleet = await running();
    fleet.machine('worker-1').powerOff();
    const result = await fleet.plan();
    expect(hostsOf(result)).toEqual(['worker-1']);
    expect(stateOf(result, 'worker-2/join')).toBe('unchanged');
    expect(stateOf(result, 'worker-3/join')).toBe('drifted');
  });

  test('is named by an up that has nothing else to do', async () => {
    await using fleet = await running();
    fleet.machine('worker-1').powerOff();
    const result = await fleet.up({ without: ['worker-3'] });
    expect(hostsOf(result)).toEqual(['worker-1']);
    expect(result.changed).toBe(0);
    expect(stateOf(result, 'cluster/ready')).toBe('read');
  });

  test('does not keep others from joining', async () => {
    await using fleet = await running();
    fleet.machine('worker-1').powerOff();
    const result = await fleet.up();
    expect(hostsOf(result)).toEqual(['worker-1']);
    expect(stateOf(result, 'worker-3/join')).toBe('changed');
    expect(stateOf(result, 'cluster/ready')).toBe('read');
  });
});

describe('when the first control plane is down', () => {
  test('the others speak for the cluster, and workers join', async () => {
    await using fleet = await running();
    fleet.machine('cp-1').powerOff();
    const result = await fleet.up();
    expect(hostsOf(result)).toEqual(['cp-1']);
    expect(stateOf(result, 'worker-3/join')).toBe('changed');
    expect(stateOf(result, 'cluster/ready')).toBe('read');
    fleet.machine('cp-1').powerOn();
    expectDone(await fleet.up());
    expectOneCluster(fleet);
    await expectNothingLeft(fleet);
  });

  test('no further control plane is taken into etcd, and the message says why', async () => {
    await using fleet = await startFleet({ controlPlanes: 5, workers: 0, payload: 'small' });
    expectDone(await fleet.up({ without: ['cp-4', 'cp-5'] }));
    fleet.machine('cp-1').powerOff();
    const result = await fleet.up({ without: ['cp-5'] });
    expect(result.outcomes.get('cp-4/join')?.error).toMatchObject({
      code: 'quorum-lost',
      message: expect.stringContaining('cp-1: '),
    });
    expect(fleet.world.clusters[0]?.members).toHaveLength(3);
    fleet.machine('cp-1').powerOn();
    expectDone(await fleet.up());
    expectOneCluster(fleet);
  });

  test('after its init was cut off, no other cluster is begun', async () => {
    await using fleet = await startFleet(SIZE);
    const first = fleet.machine('cp-1');
    first.behaviour.at = ({ name }) => {
      if (name !== 'kubeadm: mark-control-plane') return undefined;
      first.powerOff();
      return 'cut';
    };
    await fleet.up();
    const result = await fleet.up();
    expect(result.error?.message).toContain('cp-1');
    expect(fleet.world.count('etcd begun')).toBe(1);
    first.behaviour.at = undefined;
    first.powerOn();
    expectDone(await fleet.up());
    expectOneCluster(fleet);
  });

  test('and is replaced by a new machine of its name, that takes its place', async () => {
    await using fleet = await running();
    await fleet.replace('cp-1');
    expectDone(await fleet.up({ without: ['worker-3'] }));
    expectOneCluster(fleet, ['worker-3']);
    expect(fleet.world.count('member removed')).toBe(1);
    await expectNothingLeft(fleet, { without: ['worker-3'] });
  });
});

describe('when no control plane answers', () => {
  test.each(['up', 'plan'] as const)('%s refuses to begin another cluster', async (verb) => {
    await using fleet = await running();
    for (const name of ['cp-1', 'cp-2', 'cp-3']) fleet.machine(name).behaviour.unreachable = true;
    const result = await fleet[verb]();
    expect(result.error).toMatchObject({
      code: 'control-planes-silent',
      message: expect.stringMatching(/cp-1: .*\n.*cp-2: .*\n.*cp-3: /),
    });
    expect(fleet.world.count('etcd begun')).toBe(1);
    expect(result.changed).toBe(0);
  });

  test('one whose join was cut off does not speak for the cluster', async () => {
    await using fleet = await startFleet(SIZE);
    fleet.machine('cp-2').behaviour.at = ({ name }) => {
      if (name !== 'kubeadm: mark-control-plane') return undefined;
      fleet.kill();
      return 'cut';
    };
    await fleet.up();
    fleet.machine('cp-2').behaviour.at = undefined;
    fleet.machine('cp-1').behaviour.unreachable = true;
    const result = await fleet.up();
    expect(result.outcomes.get('cp-1/init')?.error).toMatchObject({ code: 'control-planes-silent' });
    expect(fleet.world.count('etcd begun')).toBe(1);
    fleet.machine('cp-1').behaviour.unreachable = false;
    expectDone(await fleet.up());
    expectOneCluster(fleet);
  });

  test('a new first machine does not begin a second cluster beside two that are silent', async () => {
    await using fleet = await running();
    await fleet.replace('cp-1');
    for (const name of ['cp-2', 'cp-3']) fleet.machine(name).behaviour.unreachable = true;
    const result = await fleet.up({ without: ['worker-3'] });
    expect(result.result).toBe('failed');
    expect(fleet.world.count('etcd begun')).toBe(1);
    expect(fleet.machine('cp-1').pods.size).toBe(0);
  });

  test('those that went silent after preflight are still asked about before a cluster is begun', async () => {
    await using fleet = await startFleet(SIZE);
    const result = await fleet.up({
      onEvent(event) {
        if (event.type === 'step' && event.id === 'cp-1/init' && event.state === 'applying') {
          fleet.machine('cp-1').behaviour.unreachable = true;
        }
      },
    });
    expect(hostsOf(result)).toContain('cp-1');
    expect(fleet.world.count('etcd begun')).toBe(0);
    fleet.machine('cp-1').behaviour.unreachable = false;
    expectDone(await fleet.up());
    expectOneCluster(fleet);
  });
});
