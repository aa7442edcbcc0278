import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { KubewrightError } from '../core/errors.js';

/** How a program is started that outlives this one. */
export interface BackgroundOptions {
  /** What it prints is appended there (mode 0600). */
  readonly log: string;
  /** All of its environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** How long its first word may take, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Starts a Node program in a session of its own, without a terminal and in the root folder, and resolves with the first
 * message that it sends (`process.send`). From then on nothing ties it to this process. Errors: `tunnel-failed` where it
 * ends or stays silent, naming the log.
 */
export function startInBackground(args: readonly string[], options: BackgroundOptions): Promise<unknown> {
  const { log, env, timeoutMs } = options;
  const output = openSync(log, 'a', 0o600);
  const child = spawn(process.execPath, [...args], {
    detached: true,
    cwd: '/',
    env: { ...env },
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const hint = `Its log is ${log}`;
  return new Promise<unknown>((resolve, reject) => {
    const give = (settle: () => void) => {
      clearTimeout(timer);
      child.removeAllListeners();
      if (child.connected) child.disconnect();
      child.unref();
      settle();
    };
    const fail = (why: string, cause?: Error) =>
      give(() => reject(new KubewrightError('tunnel-failed', `The tunnel ${why}`, { hint, cause })));
    const timer = setTimeout(() => fail(`was started, and said nothing for ${timeoutMs / 1000} s`), timeoutMs);
    child.once('error', (cause) => fail(`could not be started: ${cause.message}`, cause));
    child.once('exit', (code, signal) => fail(`ended at once with ${signal ?? code}`));
    child.once('message', (message) => give(() => resolve(message)));
  });
}
