import { openHost } from '../src/host/host.js';
import { type Fleet, type FleetResult, type FleetRun, startFleet } from '../tests/rig/fake-hosts/fleet.js';
import { startSshEndpoints } from '../tests/rig/fake-hosts/ssh-endpoints.js';

/**
 * What kubewright itself costs with many hosts, all of them fake and in this process: `npx tsx bench/fleet.ts [HOSTS]`.
 * A plan of a new cluster, its making, a run that finds nothing to do, and the same over real SSH to as many servers.
 * The peak is that of the process, fake hosts included, so far.
 */
const hosts = Number(process.argv[2] ?? 100);
const controlPlanes = hosts < 3 ? 1 : 3;

await using fleet = await startFleet({ controlPlanes, workers: hosts - controlPlanes });
say(['', 'time', 'processor', 'scripts a host', 'peak']);
await measure(`plan of ${hosts} new hosts`, () => fleet.plan());
await measure(`up of ${hosts} new hosts`, () => fleet.up());
await measure('plan with nothing to do', () => fleet.plan());
await measure('up with nothing to do', () => fleet.up());
await overSsh(fleet);

async function overSsh(of: Fleet): Promise<void> {
  await using endpoints = await startSshEndpoints(of.world.machines.values());
  const connect: FleetRun['connect'] = ({ name }, signal) => openHost(endpoints.target(name), { signal });
  await measure('up with nothing to do, by SSH', () => of.up({ connect }), endpoints.commands);
}

async function measure(
  what: string,
  work: () => Promise<FleetResult>,
  commands?: ReadonlyMap<string, number>,
): Promise<void> {
  const started = performance.now();
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  if (result.error !== undefined) throw result.error;
  const scripts = [...(commands?.values() ?? [...result.traffic.values()].map((it) => it.scripts))];
  const [least, most] = [Math.min(...scripts), Math.max(...scripts)];
  say([
    what,
    `${((performance.now() - started) / 1000).toFixed(2)} s`,
    `${((user + system) / 1e6).toFixed(2)} s`,
    least === most ? `${least}` : `${least} to ${most}`,
    `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`,
  ]);
}

function say(cells: readonly string[]): void {
  const [first = '', ...others] = cells;
  process.stdout.write(`${first.padEnd(32)}${others.map((cell) => cell.padStart(16)).join('')}\n`);
}
