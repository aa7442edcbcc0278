import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { KubewrightError } from '../core/errors.js';
import type { Command } from './command.js';
import { startDeadline } from './deadline.js';
import { createOutput, type Exit } from './output.js';
import { ownInput, pump } from './pump.js';
import { GRACE_MS, LINGER_MS, type RunOptions, type RunResult, type Transport } from './transport.js';

/**
 * This machine as a transport: `sh -c` in place of a login shell behind sshd, otherwise the same behaviour.
 * Commands run with the rights of this process.
 */
export function openLocalShell(): Transport {
  const running = new Set<ChildProcess>();
  return {
    description: 'this machine',
    run: (command, options) => run(command, options, running),
    async [Symbol.asyncDispose]() {
      for (const child of running) terminate(child);
    },
  };
}

async function run(command: Command, options: RunOptions, running: Set<ChildProcess>): Promise<RunResult> {
  using deadline = startDeadline('a command on this machine', options);
  using _input = ownInput(options.stdin);
  if (deadline.signal.aborted) throw deadline.error();
  const output = createOutput(command, options);
  // A session of its own, as sshd gives every command: ending it ends all that it started.
  const child = spawn('sh', ['-c', command.text], { detached: true, stdio: 'pipe' });
  running.add(child);
  const inputClosed = new AbortController();
  child.stdin.on('error', () => inputClosed.abort());
  child.stdout.on('data', (chunk: Uint8Array) => output.push(chunk, 'stdout'));
  child.stderr.on('data', (chunk: Uint8Array) => output.push(chunk, 'stderr'));
  try {
    const exited = exit(child, deadline.signal, deadline.error);
    const pumped = pump(options.stdin, child.stdin, inputClosed.signal);
    // Input that cannot be read ends the command: it would wait for the rest for ever.
    const [ended] = await Promise.all([exited.finally(() => inputClosed.abort()), pumped]);
    return output.result(ended);
  } catch (error) {
    terminate(child);
    throw error;
  } finally {
    running.delete(child);
  }
}

function exit(child: ChildProcess, signal: AbortSignal, error: () => KubewrightError): Promise<Exit> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(error()), { once: true });
    child.once('error', (cause) =>
      reject(new KubewrightError('program-missing', `sh could not be started: ${cause.message}`, { cause })),
    );
    child.once('exit', (code, name) => {
      const ended = { code, signal: name };
      // What the command left running in the background may hold the pipes open for ever.
      const lingering = setTimeout(() => {
        drop(child.stdout);
        drop(child.stderr);
        resolve(ended);
      }, LINGER_MS);
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', () => lingering.refresh());
      child.once('close', () => {
        clearTimeout(lingering);
        resolve(ended);
      });
    });
  });
}

function drop(stream: Readable | null): void {
  stream?.destroy();
}

/** Output is still taken for a while: whoever cleans up must not die of a broken pipe. */
function terminate(child: ChildProcess): void {
  kill(child, 'SIGTERM');
  child.stdin?.end();
  const patience = setTimeout(() => {
    kill(child, 'SIGKILL');
    drop(child.stdout);
    drop(child.stderr);
  }, GRACE_MS).unref();
  child.once('close', () => clearTimeout(patience));
}

/** The whole process group. */
function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
}
