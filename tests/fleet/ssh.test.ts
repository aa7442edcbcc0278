import { expect, test } from 'vitest';
import { openHost } from '../../src/host/host.js';
import { connectSsh } from '../../src/transport/ssh/connect.js';
import { createSshLimits } from '../../src/transport/ssh/limits.js';
import { startFleet } from '../rig/fake-hosts/fleet.js';
import { startSshEndpoints } from '../rig/fake-hosts/ssh-endpoints.js';
import { expectDone } from './expectations.js';
import { timed } from './timed.js';

test('100 hosts that are as they shall be cost one connection and one command each, over real SSH', async () => {
  await using fleet = await startFleet({ controlPlanes: 3, workers: 97, payload: 'small' });
  expectDone(await fleet.up());
  await using endpoints = await startSshEndpoints(fleet.world.machines.values());
  const { value: result, cpuMs } = await timed('up of 100 hosts with nothing to do, over SSH', () =>
    fleet.up({ connect: ({ name }, signal) => openHost(endpoints.target(name), { signal }) }),
  );
  expectDone(result);
  expect(result.changed).toBe(0);
  expect(endpoints.commands.size).toBe(100);
  expect(new Set(endpoints.commands.values())).toEqual(new Set([1]));
  expect(endpoints.mostHandshakes()).toBeLessThanOrEqual(64);
  await expect.poll(() => endpoints.open()).toBe(0);
  // Of the processor, both ends of each connection: 10 s on the clock of a machine that does little else.
  expect(cpuMs).toBeLessThan(10_000);
});

test('no more handshakes are under way at once than there are places, and every host gets its turn', async () => {
  await using fleet = await startFleet({ controlPlanes: 1, workers: 19, payload: 'small' });
  await using endpoints = await startSshEndpoints(fleet.world.machines.values());
  const limits = createSshLimits({ exchanges: 4 });
  const signal = new AbortController().signal;
  const transports = await Promise.all(
    fleet.cluster.nodes.map(({ name }) => connectSsh(endpoints.target(name), { signal, timeoutMs: 20_000, limits })),
  );
  expect(endpoints.mostHandshakes()).toBe(4);
  expect(endpoints.open()).toBe(20);
  await Promise.all(transports.map((transport) => transport[Symbol.asyncDispose]()));
  await expect.poll(() => endpoints.open()).toBe(0);
});
