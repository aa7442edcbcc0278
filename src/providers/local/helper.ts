import { randomBytes } from 'node:crypto';
import { type CallOptions, callEngine, isAbsent, tryEngine } from './call-engine.js';
import type { Engine } from './engine.js';
import { engineFailure } from './engine-failure.js';
import { labelFlags } from './labels.js';

export interface HelperOptions extends CallOptions {
  readonly image: string;
  /** Flags of `docker run`. */
  readonly flags?: readonly string[] | undefined;
}

/**
 * Runs a POSIX sh script as root in a container that lives only for it, and gives what it printed. An aborted one
 * is removed: the engine's client alone would leave it running.
 */
export async function runHelper(
  engine: Engine,
  script: string,
  args: readonly string[],
  { image, flags = [], ...options }: HelperOptions,
): Promise<string> {
  const name = helperName();
  const onAbort = () => void removeContainer(engine, name).catch(() => {});
  // At once: the client would wait for a script that does not listen.
  options.signal.addEventListener('abort', onAbort);
  const input = options.stdin === undefined ? [] : ['--interactive'];
  try {
    return await callEngine(
      engine,
      [
        'run',
        '--rm',
        '--name',
        name,
        ...labelFlags({ helper: 'yes' }),
        ...input,
        ...flags,
        '--entrypoint',
        '/bin/sh',
        image,
        '-c',
        script,
        'sh',
        ...args,
      ],
      options,
    );
  } catch (error) {
    await removeContainer(engine, name);
    throw error;
  } finally {
    options.signal.removeEventListener('abort', onAbort);
  }
}

/** A name that no other helper has. */
export function helperName(): string {
  return `kubewright-helper-${randomBytes(6).toString('hex')}`;
}

/** Removes a container if it is there, with its anonymous volumes; also while everything else is being aborted. */
export async function removeContainer(engine: Engine, name: string): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  await tryEngine(engine, ['rm', '--force', '--volumes', name], { signal });
}

/** Makes sure that a container is gone; errors of the engine count. */
export async function removeForGood(engine: Engine, name: string, signal: AbortSignal): Promise<void> {
  const args = ['rm', '--force', '--volumes', name];
  const result = await tryEngine(engine, args, { signal, timeoutMs: 120_000 });
  if (result.code !== 0 && !isAbsent(result)) throw engineFailure(engine.program, args, result);
}
