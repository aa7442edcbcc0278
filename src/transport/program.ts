import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { onExit } from 'signal-exit';
import { KubewrightError } from '../core/errors.js';

/**
 * Runs a program of this machine (docker, go, kubectl, ssh) with an argument list, never through a shell.
 * Resolves with its exit, whatever that is; rejects with `program-missing` where it is not installed and
 * `interrupted` or `timeout` where the signal or the deadline ended it. SIGTERM first, SIGKILL after 5 s. A Ctrl-C on
 * the terminal is for this process to decide about and does not reach the program, unless it was given the terminal.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  const started = performance.now();
  const ownsTerminal = options.stdin === 'inherit';
  const subprocess = execa(program, [...args], {
    cancelSignal: options.signal,
    // A process group of its own; what execa would do at our end for a child of ours is done below.
    detached: !ownsTerminal,
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    forceKillAfterDelay: 5000,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: 64 * 1024 * 1024,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: { ...options.env } }),
    ...(options.stdin === undefined
      ? { stdin: 'ignore' as const }
      : options.stdin === 'inherit'
        ? { stdin: 'inherit' as const, stdout: 'inherit' as const, stderr: 'inherit' as const }
        : { input: options.stdin }),
  });
  const forget = onExit(() => {
    if (!ownsTerminal) endGroup(subprocess.pid);
  });
  const { onLine } = options;
  const listening =
    onLine === undefined
      ? []
      : (['stdout', 'stderr'] as const).map(async (stream) => {
          for await (const line of subprocess.iterable({ from: stream })) onLine(line, stream);
        });
  const result = await subprocess;
  forget();
  await Promise.allSettled(listening);
  const shown = [program, ...args].join(' ');
  if (result.isCanceled) throw new KubewrightError('interrupted', `${program} was stopped`, { command: shown });
  if (result.timedOut) {
    throw new KubewrightError('timeout', `${program} took longer than ${options.timeoutMs} ms`, { command: shown });
  }
  if (result.exitCode === undefined && result.signal === undefined) {
    throw new KubewrightError('program-missing', `${program} could not be started: ${result.originalMessage}`, {
      command: shown,
      hint: `Install ${program}, or put it on the PATH.`,
    });
  }
  return {
    code: result.exitCode ?? 128,
    stdout: typeof result.stdout === 'string' ? result.stdout : '',
    stderr: typeof result.stderr === 'string' ? result.stderr : '',
    ms: performance.now() - started,
  };
}

/** Ends a program and what it started. It may have ended by itself. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It is gone.
  }
}

export interface ProgramOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number | undefined;
  readonly cwd?: string | undefined;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Input, or `inherit` to give the program the terminal. Absent: no input. */
  readonly stdin?: string | Uint8Array | Readable | 'inherit' | undefined;
  readonly onLine?: ((line: string, stream: 'stdout' | 'stderr') => void) | undefined;
}

export interface ProgramResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}
