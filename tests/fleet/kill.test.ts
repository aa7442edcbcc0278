import { describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../rig/fake-hosts/fleet.js';
import { expectDone, expectNothingLeft, expectOneCluster } from './expectations.js';

const SIZE = { controlPlanes: 3, workers: 2, payload: 'small' } as const;

/** Runs again after a run that was killed, and holds that nothing came of it but a cluster. */
async function expectRecovery(fleet: Fleet): Promise<void> {
  const inits = fleet.world.count('init ended');
  for (const machine of fleet.world.machines.values()) machine.behaviour.at = undefined;
  expectDone(await fleet.up());
  expectOneCluster(fleet);
  await expectNothingLeft(fleet);
  // An init that had ended, whose script had not: only then is it run to its end again.
  expect(fleet.world.count('init ended')).toBeLessThanOrEqual(inits + 1);
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
