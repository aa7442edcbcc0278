import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/**
 * How long `kubewright --help` takes, as a multiple of Node's own start (`node -e 0`), measured side by side in
 * one run. Prints the medians and the ratio; the aim is at most 3. Build first: `npm run build`.
 */
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const rounds = Number(process.argv[2] ?? 20);

const commands: Readonly<Record<string, readonly string[]>> = {
  'node -e 0': ['-e', '0'],
  'kubewright --help': [cli, '--help'],
  'kubewright __complete': [cli, '__complete', '--', 'st'],
};
const times = new Map<string, number[]>(Object.keys(commands).map((name) => [name, []]));

for (let round = -2; round < rounds; round++) {
  for (const [name, args] of Object.entries(commands)) {
    const began = performance.now();
    await execa(process.execPath, [...args], { cwd: join(cli, '..'), stdout: 'ignore', stdin: 'ignore' });
    // The first two rounds warm the disk's cache.
    if (round >= 0) times.get(name)?.push(performance.now() - began);
  }
}

const base = median(times.get('node -e 0') ?? []);
for (const [name, taken] of times) {
  const typical = median(taken);
  process.stdout.write(
    `${name.padEnd(24)} ${typical.toFixed(0).padStart(5)} ms  ${(typical / base).toFixed(2)} × node\n`,
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
