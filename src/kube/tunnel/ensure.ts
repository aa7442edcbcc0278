import { renameSync, statSync } from 'node:fs';
import { KubewrightError, type SerializedError } from '../../core/errors.js';
import { stateDirectory } from '../../state/paths.js';
import { startInBackground } from '../../transport/background.js';
import { askTunnel, type TunnelStatus } from './control-client.js';
import type { TunnelPlaces } from './places.js';

/** What a tunnel that was started in the background says first. */
export type FirstWord = { readonly status: TunnelStatus } | { readonly error: SerializedError };

/**
 * Finds the cluster's tunnel, or starts it in the background. `cli` is the file of the program that knows the word
 * `relay`. Errors: those of `serveTunnel`, and `tunnel-failed` where it has not said within 5 s that it listens.
 */
export async function ensureTunnel(places: TunnelPlaces, cli: string): Promise<TunnelStatus> {
  const known = await askTunnel(places, 'keep');
  if (known !== undefined) return known;
  turnOverLog(places.log);
  const first = await startInBackground([cli, 'relay', '--cluster', places.cluster], {
    log: places.log,
    env: environment(),
    timeoutMs: START_MS,
  });
  // Our own program says it.
  const word = first as FirstWord;
  if ('status' in word) return word.status;
  const { code, message, hint } = word.error;
  throw new KubewrightError(code, message, { hint });
}

const START_MS = 5000;
const LONGEST_LOG = 256 * 1024;

/** Only what it needs: it lives on when whoever started it, with whatever secrets in the environment, is long gone. */
function environment(): Record<string, string> {
  const { PATH, HOME, LANG, TMPDIR, XDG_RUNTIME_DIR } = process.env;
  const passed = Object.entries({ PATH, HOME, LANG, TMPDIR, XDG_RUNTIME_DIR });
  return {
    ...Object.fromEntries(passed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    // A relative one means this folder, and the tunnel runs in another.
    KUBEWRIGHT_STATE_DIR: stateDirectory(),
  };
}

/** Keeps the log and the one before it small. */
function turnOverLog(log: string): void {
  try {
    if (statSync(log).size > LONGEST_LOG) renameSync(log, `${log}.1`);
  } catch {
    // There is none yet.
  }
}
