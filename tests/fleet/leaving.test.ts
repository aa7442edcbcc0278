import { describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../rig/fake-hosts/fleet.js';
import { expectDone, expectNothingLeft, expectOneCluster } from './expectations.js';

const SIZE = { controlPlanes: 3, workers: 2, payload: 'small' } as const;

async function running(): Promise<Fleet> {
  const fleet = await startFleet(SIZE);
  expectDone(await fleet.up());
  return fleet;
}

/** Addresses of the API servers that the load balancer of a machine knows. */
function serversOf(fleet: Fleet, name: string): readonly string[] {
  const config = fleet.machine(name).disk.text('/etc/kubewright/haproxy/haproxy.cfg');
  return [...config.matchAll(/^ {2}server (\S+) /gm)].map(([, server = '']) => server);
}

describe('a node that is not wanted any more', () => {
  test('leaves as a worker: drained, forgotten by the API, and nothing of us is left on the host', async () => {
    await using fleet = await running();
    const result = await fleet.up({ leaving: ['worker-2'] });
    expectDone(result);
    expect(result.drained).toEqual(['worker-2']);
    expectOneCluster(fleet, ['worker-2']);
    expect(fleet.machine('worker-2').disk.list('/etc')).toEqual([]);
    await expectNothingLeft(fleet, { without: ['worker-2'] });
  });

  test.each(['cp-1', 'cp-3'])(
    'leaves as control plane %s: out of etcd, and out of every load balancer',
    async (name) => {
      await using fleet = await running();
      const result = await fleet.up({ leaving: [name] });
      expectDone(result);
      expect(result.drained).toEqual([name]);
      expectOneCluster(fleet, [name]);
      expect(fleet.world.count('member removed', name)).toBe(1);
      expect(fleet.machine(name).disk.list('/etc')).toEqual([]);
      for (const left of ['cp-2', 'worker-1']) expect(serversOf(fleet, left)).not.toContain(name);
      await expectNothingLeft(fleet, { without: [name] });
    },
  );

  test('joins again under its name as a bare machine', async () => {
    await using fleet = await running();
    expectDone(await fleet.up({ leaving: ['cp-3', 'worker-2'] }));
    expectDone(await fleet.up());
    expectOneCluster(fleet);
    await expectNothingLeft(fleet);
  });

  test('and does not answer is removed only when that is asked for', async () => {
    await using fleet = await running();
    fleet.machine('cp-3').powerOff();
    const refused = await fleet.up({ leaving: ['cp-3'] });
    expect(refused.error).toMatchObject({ code: 'node-unreachable', host: 'cp-3' });
    expect(fleet.world.clusters[0]?.members).toHaveLength(3);
    const forced = await fleet.up({ leaving: ['cp-3'], forceUnreachable: true });
    expectDone(forced);
    expect(forced.drained).toEqual([]);
    expectOneCluster(fleet, ['cp-3']);
    await expectNothingLeft(fleet, { without: ['cp-3'] });
  });

  test('stays where etcd would lose its majority, which is told with numbers', async () => {
    await using fleet = await running();
    fleet.machine('cp-2').powerOff();
    const result = await fleet.up({ leaving: ['cp-3'] });
    expect(result.outcomes.get('cp-3/leave')?.error).toMatchObject({
      code: 'quorum-lost',
      message: expect.stringContaining('1 of 2 etcd members would be healthy, and 2 are needed'),
    });
    expect(fleet.world.clusters[0]?.members).toHaveLength(3);
    expect(fleet.world.clusters[0]?.nodes.has('cp-3')).toBe(true);
    expect(result.drained).toEqual([]);
  });
});

/** The moments of the scripts by which a control plane and a worker leave, and of what that changes on others. */
async function observe() {
  await using fleet = await running();
  const from = new Map([...fleet.world.machines].map(([name, { history }]) => [name, history.length]));
  expectDone(await fleet.up({ leaving: LEAVING }));
  return [...fleet.world.machines].flatMap(([host, { history }]) =>
    history.flatMap((name, index) => {
      const isNew = index >= (from.get(host) ?? 0);
      return isNew && !NOTHING_NEW.test(name) ? [{ host, name, number: index + 1 }] : [];
    }),
  );
}

/** Being stopped before these is as being stopped before what follows. */
const NOTHING_NEW = /^(gather|etcdctl|echo|set|:|tries|while|for path|mkdir|chmod)/;
const LEAVING = ['cp-3', 'worker-2'];
const moments = (await observe()).filter(({ host }) => host !== 'worker-1');

describe('a run that is killed while nodes leave is gone on with', () => {
  test.each(moments)('at moment $number of $host: $name', async ({ host, number }) => {
    await using fleet = await running();
    fleet.machine(host).behaviour.at = (moment) => {
      if (moment.number !== number) return undefined;
      fleet.kill();
      return 'cut';
    };
    expect((await fleet.up({ leaving: LEAVING })).result).toBe('interrupted');
    fleet.machine(host).behaviour.at = undefined;
    expectDone(await fleet.up({ leaving: LEAVING }));
    expectOneCluster(fleet, LEAVING);
    for (const name of LEAVING) expect(fleet.machine(name).disk.list('/etc')).toEqual([]);
    await expectNothingLeft(fleet, { without: LEAVING });
  });
});
