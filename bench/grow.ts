import { bench, say, timed } from './measure.js';
import { rawCluster } from './raw-cluster.js';

/**
 * One more worker by `kubewright scale` against bench/raw/add.sh, which boots, prepares and joins one by hand, on clusters of
 * the same size made each by its own way: `npx tsx bench/grow.ts [SIZE…]`, by default 3 and 8 nodes. Artifacts are
 * cached, the node image must exist (`kubewright up`).
 */
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [3, 8];

for (const size of sizes) {
  await using cluster = await bench('bench-grow');
  const raw = await rawCluster(cluster.folder);
  try {
    await raw.up(['cp1', ...Array.from({ length: size - 1 }, (_, at) => `w${at + 1}`)]);
    const script = await timed(() => raw.add(`w${size}`));
    await raw.remove();
    await cluster.configure(1, size - 1);
    await cluster.kubewright('up');
    const scale = await timed(() => cluster.kubewright('scale', `workers=${size}`));
    const ratio = (scale / script).toFixed(2);
    say(
      `${size} nodes and one more: script ${script.toFixed(1)} s, scale ${scale.toFixed(1)} s, ratio ${ratio} (at most 1.3 wanted)`,
    );
  } finally {
    await raw.remove();
  }
}
