import type { Readable } from 'node:stream';
import { type ProgramResult, runProgram } from '../../transport/program.js';
import type { Engine } from './engine.js';
import { engineFailure } from './engine-failure.js';

export interface CallOptions {
  readonly signal: AbortSignal;
  /** Milliseconds. Default: a minute, since a busy disk makes an engine slow. */
  readonly timeoutMs?: number | undefined;
  readonly stdin?: string | Uint8Array | Readable | undefined;
  readonly onLine?: ((line: string, stream: 'stdout' | 'stderr') => void) | undefined;
}

type Callable = Pick<Engine, 'program'>;

/** Runs one command of the engine and gives its stdout, trimmed. Errors: see `engineFailure`. */
export async function callEngine(engine: Callable, args: readonly string[], options: CallOptions): Promise<string> {
  const result = await tryEngine(engine, args, options);
  if (result.code !== 0) throw engineFailure(engine.program, args, result);
  return result.stdout.trim();
}

/** The same for a command that may well fail. */
export function tryEngine(engine: Callable, args: readonly string[], options: CallOptions): Promise<ProgramResult> {
  return runProgram(engine.program, args, { timeoutMs: 60_000, ...options });
}

/** Did it fail because what it speaks of does not exist? */
export function isAbsent(result: ProgramResult): boolean {
  return result.code !== 0 && /no such|not found|not known|does not exist/i.test(result.stderr);
}
