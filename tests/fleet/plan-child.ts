/*
 * A process of its own that plans a cluster of so many control planes and workers, all new, and says as JSON what that
 * took: nothing else is in its memory.
 */
import { startFleet } from '../rig/fake-hosts/fleet.js';

const [controlPlanes = 0, workers = 0] = process.argv.slice(2).map(Number);

await using fleet = await startFleet({ controlPlanes, workers });
const started = performance.now();
const before = process.cpuUsage();
const result = await fleet.plan();
const { user, system } = process.cpuUsage(before);
const scripts = [...result.traffic.values()].reduce((sum, it) => sum + it.scripts, 0);
const changes = [...result.outcomes.values()].reduce((sum, it) => sum + it.changes.length, 0);
process.stdout.write(
  JSON.stringify({
    ...{ result: result.result, changes, scripts },
    ...{ ms: performance.now() - started, cpuMs: (user + system) / 1000 },
    // Given in kibibytes.
    peak: process.resourceUsage().maxRSS / 1024,
  }),
);
