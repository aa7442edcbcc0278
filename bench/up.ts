import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { findAbilities } from '../src/providers/local/abilities.js';
import { findEngine } from '../src/providers/local/engine.js';
import { imageName } from '../src/providers/local/image-recipe.js';
import { privilegeFlags } from '../src/providers/local/privileges.js';
import { cacheDirectory } from '../src/state/paths.js';
import { BOOT } from '../tests/rig/boot.js';
import { layOutStage } from './raw/stage.js';

/**
 * `kubewright up` of three local nodes against bench/raw/up.sh, which does the same by hand, in turns within one
 * run: `npx tsx bench/up.ts [ROUNDS]`. Artifacts are cached for both. Prints every time and the ratios of the medians.
 */
const rounds = Number(process.argv[2] ?? 3);
const here = fileURLToPath(new URL('raw', import.meta.url));
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'kubewright-bench-'));
const file = join(folder, 'cluster.yaml');
const env = { KUBECONFIG: join(folder, 'kubeconfig'), KUBEWRIGHT_STATE_DIR: join(folder, 'state'), NO_COLOR: '1' };
await writeFile(file, 'apiVersion: kubewright/v1alpha1\nname: bench-up\nprovider: {local: {}}\n');

try {
  // Once uncounted: node image, artifacts and their unpacked store are in place for all that follows.
  say('warming up');
  await kubewright('up');
  await kubewright('down', '--yes');
  const flags = await stage();
  const times = { raw: [] as number[], up: [] as number[], again: [] as number[] };
  for (let round = 1; round <= rounds; round += 1) {
    times.raw.push(await timed(() => raw(flags)));
    await removeRaw();
    times.up.push(await timed(() => kubewright('up')));
    times.again.push(await timed(() => kubewright('up')));
    await kubewright('down', '--yes');
    say(`round ${round}: script ${last(times.raw)} s, up ${last(times.up)} s, up again ${last(times.again)} s`);
  }
  const [script, up, again] = [median(times.raw), median(times.up), median(times.again)];
  say(`median: script ${script.toFixed(1)} s, up ${up.toFixed(1)} s, up again ${again.toFixed(2)} s`);
  say(`ratio up / script: ${(up / script).toFixed(2)} (at most 0.7 wanted)`);
} finally {
  await kubewright('down', '--yes').catch(() => {});
  await removeRaw();
  await rm(folder, { recursive: true, force: true });
}

async function kubewright(...args: readonly string[]): Promise<void> {
  await execa(process.execPath, [cli, ...args, '-f', file, '-q'], { env, stdin: 'ignore' });
}

/** Lays out what the script needs; gives the flags of its containers. */
async function stage(): Promise<string> {
  const signal = AbortSignal.timeout(60_000);
  const engine = await findEngine('docker', signal);
  const abilities = await findAbilities(engine, { image: imageName(), cacheDirectory: cacheDirectory(), signal });
  await layOutStage(join(folder, 'stage'), {
    cgroupVersion: engine.cgroupVersion,
    canLowerOomScore: abilities.privileges.kind === 'privileged',
    container: true,
    swap: false,
    nameservers: abilities.resolvers,
  });
  return [
    ...privilegeFlags(engine, abilities.privileges).map((flag) => `'${flag}'`),
    ...['--stop-signal', 'SIGRTMIN+3', '--tmpfs', '/run', '--tmpfs', '/tmp'],
  ].join(' ');
}

async function raw(flags: string): Promise<void> {
  await execa('sh', [join(here, 'up.sh')], {
    env: {
      ...{ IMAGE: imageName(), FLAGS: flags, BOOT, STAGE: join(folder, 'stage') },
      ...{ NAME: 'kubewright-bench-raw', SUBNET: '10.213.9', HERE: here },
    },
    stdin: 'ignore',
    stderr: 'ignore',
  });
}

async function removeRaw(): Promise<void> {
  const names = ['cp1', 'w1', 'w2'].map((name) => `kubewright-bench-raw-${name}`);
  await execa('docker', ['rm', '-fv', ...names], { reject: false });
  await execa('docker', ['network', 'rm', 'kubewright-bench-raw'], { reject: false });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function last(times: readonly number[]): string {
  return (times.at(-1) ?? 0).toFixed(1);
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
