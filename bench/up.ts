import { bench, median, say, timed } from './measure.js';
import { rawCluster } from './raw-cluster.js';

/**
 * `kubewright up` of local nodes against bench/raw/up.sh, which does the same by hand, in turns within one run:
 * `npx tsx bench/up.ts [ROUNDS [CONTROL_PLANES WORKERS]]`, by default 3 rounds of 1 and 2. Artifacts are cached for both.
 * Prints every time and the ratios of the medians.
 */
const [rounds = 3, controlPlanes = 1, workers = 2] = process.argv.slice(2).map(Number);
const nodes = [
  ...Array.from({ length: controlPlanes }, (_, at) => `cp${at + 1}`),
  ...Array.from({ length: workers }, (_, at) => `w${at + 1}`),
];

await using cluster = await bench('bench-up');
await cluster.configure(controlPlanes, workers);
// Once uncounted: node image, artifacts and their unpacked store are in place for all that follows.
say('warming up');
await cluster.kubewright('up');
await cluster.kubewright('down', '--yes');
const raw = await rawCluster(cluster.folder);
const times = { raw: [] as number[], up: [] as number[], again: [] as number[] };
try {
  for (let round = 1; round <= rounds; round += 1) {
    times.raw.push(await timed(() => raw.up(nodes)));
    await raw.remove();
    times.up.push(await timed(() => cluster.kubewright('up')));
    times.again.push(await timed(() => cluster.kubewright('up')));
    await cluster.kubewright('down', '--yes');
    const [script, up, again] = [times.raw, times.up, times.again].map((all) => (all.at(-1) ?? 0).toFixed(1));
    say(`round ${round}: script ${script} s, up ${up} s, up again ${again} s`);
  }
} finally {
  await raw.remove();
}
const [script, up, again] = [median(times.raw), median(times.up), median(times.again)];
say(`median: script ${script.toFixed(1)} s, up ${up.toFixed(1)} s, up again ${again.toFixed(2)} s`);
const wanted = controlPlanes > 1 ? 1.2 : 0.7;
say(`ratio up / script: ${(up / script).toFixed(2)} (at most ${wanted} wanted)`);
