import { expect, test } from 'vitest';
import { startFleet } from '../rig/fake-hosts/fleet.js';
import { expectDone, expectNothingLeft, expectOneCluster } from './expectations.js';
import { timed } from './timed.js';

test('3 control planes and 50 workers become a cluster in no time: control planes one by one, workers together', async () => {
  await using fleet = await startFleet({ controlPlanes: 3, workers: 50 });
  const joining = new Set<string>();
  let controlPlanesAtOnce = 0;
  let workersAtOnce = 0;
  const { value: result, cpuMs } = await timed('up of 3 + 50 hosts', () =>
    fleet.up({
      onEvent(event) {
        if (event.type !== 'step' || !event.id.endsWith('/join')) return;
        if (event.state === 'applying') joining.add(event.id);
        if (event.state === 'done') joining.delete(event.id);
        const controlPlanes = [...joining].filter((id) => id.startsWith('cp-')).length;
        controlPlanesAtOnce = Math.max(controlPlanesAtOnce, controlPlanes);
        workersAtOnce = Math.max(workersAtOnce, joining.size - controlPlanes);
      },
    }),
  );
  expectDone(result);
  expectOneCluster(fleet);
  expect(fleet.world.count('joined')).toBe(52);
  expect(controlPlanesAtOnce).toBe(1);
  expect(workersAtOnce).toBeGreaterThan(25);
  // 2 s on a quiet machine; what others do there counts for the clock, not for the processor.
  expect(cpuMs).toBeLessThan(6_000);
  await expectNothingLeft(fleet);
});

test('each host is asked as seldom as can be', async () => {
  await using fleet = await startFleet({ controlPlanes: 3, workers: 2 });
  const created = await fleet.up();
  expectDone(created);
  // Facts; what is to come is noted; what is there of the files, and the files over three channels; preparing; joining.
  expect(created.traffic.get('worker-1')).toEqual({ connections: 1, scripts: 8 });
  // Its predecessors in etcd are looked for on the first control plane.
  expect(created.traffic.get('cp-2')).toEqual({ connections: 1, scripts: 8 });
  expect(created.traffic.get('cp-1')).toEqual({ connections: 1, scripts: 12 });
  const again = await fleet.up();
  expect([again.changed, again.error]).toEqual([0, undefined]);
  for (const [host, traffic] of again.traffic) {
    expect({ host, ...traffic }).toEqual({ host, connections: 1, scripts: 1 });
  }
  for (const machine of fleet.world.machines.values()) expect(machine.traffic.open).toBe(0);
});

test('a slow network costs its round trips once, however many hosts there are', async () => {
  await using fleet = await startFleet({ controlPlanes: 1, workers: 19, payload: 'small' });
  for (const machine of fleet.world.machines.values()) machine.behaviour.latencyMs = 200;
  const created = await fleet.up();
  expectDone(created);
  const again = await fleet.up();
  expectDone(again);
  // Connecting is five round trips. Then: facts, files there, files sent (two), prepare, init, its credentials, and join: eight.
  expect(roundTrips(created.ms)).toBeLessThan(5 + 8 + MARGIN);
  expect(roundTrips(created.ms)).toBeGreaterThanOrEqual(5 + 8);
  expect(roundTrips(again.ms)).toBeLessThan(5 + 1 + MARGIN);
});

function roundTrips(ms: number): number {
  return Math.floor(ms / 200);
}

/** What a busy machine takes for itself, in round trips. */
const MARGIN = 25;
