import { KubewrightError } from '../../core/errors.js';
import type { Machine } from '../provider.js';
import { tryEngine } from './call-engine.js';
import type { Engine } from './engine.js';
import { awaitBanner } from './ssh-banner.js';

/** Waits until the sshd of a started node answers; the error where it does not, with what the container printed. */
export async function whyNotUp(
  engine: Engine,
  name: string,
  { name: host, ssh }: Machine,
  signal: AbortSignal,
): Promise<KubewrightError | undefined> {
  const { address, port } = ssh;
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    if (await awaitBanner(address, port, { signal, timeoutMs: LOOK_EVERY_MS })) return undefined;
    const state = await tryEngine(engine, ['inspect', '--format', '{{.State.Status}}', name], { signal });
    if (state.stdout.trim() === 'running' && performance.now() < deadline) continue;
    const logs = await tryEngine(engine, ['logs', '--tail', '10', name], { signal });
    const output = `${logs.stdout}${logs.stderr}`.split('\n').filter((line) => line.trim() !== '');
    const what =
      state.stdout.trim() === 'running'
        ? `runs, but its sshd does not answer at ${address}:${port}`
        : 'did not stay up';
    return new KubewrightError('machine-not-up', `${name} ${what}${output.length > 0 ? `: ${output.at(-1)}` : ''}`, {
      host,
      output,
      hint: `The next run finds out anew what ${engine.program} can do and how its containers are reached.`,
    });
  }
}

const DEADLINE_MS = 90_000;
const LOOK_EVERY_MS = 1_500;
