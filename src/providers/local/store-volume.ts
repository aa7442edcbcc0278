import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../state/atomic-file.js';
import { callEngine, isAbsent, tryEngine } from './call-engine.js';
import type { Engine } from './engine.js';
import { engineFailure } from './engine-failure.js';
import { LABEL, labelFlags } from './labels.js';
import type { LocalSettings } from './local-run.js';
import { STORE } from './seed-script.js';

/** Flags that mount the store into a helper, which has no business on the network. */
export function storeFlags(volume: string): readonly string[] {
  return ['--network', 'none', '--mount', `type=volume,source=${volume},target=${STORE}`];
}

/** Which volume it is, by the label it got when it was made; undefined where there is none. */
export async function volumeId(engine: Engine, volume: string, signal: AbortSignal): Promise<string | undefined> {
  const args = ['volume', 'inspect', '--format', `{{index .Labels "${LABEL.store}"}}`, volume];
  const result = await tryEngine(engine, args, { signal });
  if (isAbsent(result)) return undefined;
  if (result.code !== 0) throw engineFailure(engine.program, args, result);
  const id = result.stdout.trim();
  return /^[0-9a-f]+$/.test(id) ? id : 'unlabelled';
}

/** The same, made when there is none. */
export async function ensureVolume(engine: Engine, volume: string, signal: AbortSignal): Promise<string> {
  const known = await volumeId(engine, volume, signal);
  if (known !== undefined) return known;
  const id = randomBytes(8).toString('hex');
  await callEngine(engine, ['volume', 'create', ...labelFlags({ store: id }), volume], { signal });
  return (await volumeId(engine, volume, signal)) ?? id;
}

/**
 * Is the seed in the store, as far as this machine remembers? Looking takes a container, half a second of every `up`:
 * the memory is of one volume, and forgotten when a node does not find its seed.
 */
export async function isKnownSeed(
  seed: string,
  engine: Engine,
  settings: LocalSettings,
  signal: AbortSignal,
): Promise<boolean> {
  const id = await volumeId(engine, settings.storeVolume, signal);
  if (id === undefined) return false;
  return (await readdir(join(memory(settings), id)).catch((): string[] => [])).includes(seed);
}

/** Remembers that a seed is in the volume of this id. */
export async function rememberSeed(seed: string, id: string, settings: LocalSettings): Promise<void> {
  await writeFileAtomically(join(memory(settings), id, seed), '');
}

/** Has the store looked into the next time, as if it had never been seen. */
export async function forgetSeeds(settings: LocalSettings): Promise<void> {
  await rm(memory(settings), { recursive: true, force: true });
}

function memory(settings: LocalSettings): string {
  return join(settings.cacheDirectory, 'seeds');
}
