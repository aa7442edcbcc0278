import { describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../rig/fake-hosts/fleet.js';
import { expectDone, expectNothingLeft, expectOneCluster } from './expectations.js';

const SIZE = { controlPlanes: 3, workers: 2, payload: 'small' } as const;

/** Runs again after a run that was killed, and holds that a cluster comes of it with nothing done again that had ended. */
async function expectRecovery(fleet: Fleet): Promise<void> {
  const wanted = fleet.cluster.nodes.map(({ name }) => {
    fleet.machine(name).behaviour.at = undefined;
    const done = entries(fleet, name);
    return { name, entries: done > 0 && !isMarked(fleet, name) ? done : done + 1 };
  });
  expectDone(await fleet.up());
  expectOneCluster(fleet);
  await expectNothingLeft(fleet);
  expect(fleet.cluster.nodes.map(({ name }) => ({ name, entries: entries(fleet, name) }))).toEqual(wanted);
  const inits = fleet.world.deeds.filter(({ what }) => what === 'init ended').map(({ host }) => host);
  expect(new Set(inits)).toEqual(new Set(['cp-1']));
}

/** How often kubeadm came to the end of an init or a join on a host. */
function entries({ world }: Fleet, host: string): number {
  return world.count('init ended', host) + world.count('joined', host);
}

/** Does the host say of an init or a join that it was begun and not ended? */
function isMarked(fleet: Fleet, host: string): boolean {
  return ['init', 'join'].some((what) => fleet.machine(host).disk.exists(`/var/lib/kubewright/${what}-begun`));
}

/** The steps of an `up` from nothing, and by host and step the moments in which its scripts can be stopped. */
async function observe() {
  await using fleet = await startFleet(SIZE);
  const begun = new Map<string, number>();
  const moments = new Map<
    string,
    { readonly host: string; readonly from: number; readonly names: readonly string[] }
  >();
  const result = await fleet.up({
    onEvent(event) {
      if (event.type !== 'step' || event.host === undefined) return;
      const { history } = fleet.machine(event.host);
      if (event.state === 'applying') begun.set(event.id, history.length);
      const from = begun.get(event.id);
      if (event.state !== 'done' || from === undefined) return;
      moments.set(event.id, { host: event.host, from, names: history.slice(from) });
    },
  });
  expectDone(result);
  const ids = result.steps.map(({ id }) => ({
    id,
    state: result.outcomes.get(id)?.state === 'changed' ? ('applying' as const) : ('checking' as const),
  }));
  return { ids, moments };
}

const { ids, moments } = await observe();

describe('a run that is killed when a step begins is gone on with', () => {
  test.each(ids)('$id ($state)', async ({ id, state }) => {
    await using fleet = await startFleet(SIZE);
    const result = await fleet.up({
      onEvent(event) {
        if (event.type === 'step' && event.id === id && event.state === state) fleet.kill();
      },
    });
    expect(result.result).toBe('interrupted');
    await expectRecovery(fleet);
  });
});

/** Being stopped before these is as being stopped before what follows. */
const NOTHING_NEW = /^(set|umask|trap|:|d=|mkdir|tries|export|echo|etcdctl)/;

/** One host of each kind; and of preparing, which is many times the same, one moment in eight. */
const inTheMidst = [...moments]
  .filter(([, { host }]) => ['cp-1', 'cp-2', 'worker-1'].includes(host))
  .flatMap(([id, { host, from, names }]) =>
    names
      .map((name, index) => ({ id, host, name, number: from + index + 1 }))
      .filter(({ name, number }) => (id.endsWith('/prepare') ? number % 8 === 0 : !NOTHING_NEW.test(name))),
  );

describe('a run that is killed in the midst of a script is gone on with', () => {
  test.each(inTheMidst)('$id, before "$name" (moment $number)', async ({ host, number }) => {
    await using fleet = await startFleet(SIZE);
    fleet.machine(host).behaviour.at = (moment) => {
      if (moment.number !== number) return undefined;
      fleet.kill();
      return 'cut';
    };
    const result = await fleet.up();
    expect(result.result).toBe('interrupted');
    await expectRecovery(fleet);
  });
});
