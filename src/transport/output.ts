import { constants } from 'node:os';
import { createCapture } from './capture.js';
import type { Command } from './command.js';
import { createLineReader } from './lines.js';
import type { OutputStream, RunOptions, RunResult } from './transport.js';

/** What every transport does with the two output streams of a command: keep them, split them, pass them on. */
export interface Output {
  push(chunk: Uint8Array, stream: OutputStream): void;
  /** Call once, when both streams have ended. */
  result(exit: Exit): RunResult;
}

/** How a command ended: by itself with a code, or by a signal ("SIGTERM"). */
export interface Exit {
  readonly code?: number | null | undefined;
  readonly signal?: string | null | undefined;
}

/** Collects what one run of a command prints, and passes its lines on as they come, secrets masked. */
export function createOutput(command: Command, options: RunOptions): Output {
  const started = performance.now();
  const captures = { stdout: createCapture(), stderr: createCapture() };
  const { onLine, onData } = options;
  const reader = (stream: OutputStream) =>
    onLine === undefined ? undefined : createLineReader(command.secrets, (line) => onLine(line, stream));
  const readers = { stdout: reader('stdout'), stderr: reader('stderr') };
  return {
    push(chunk, stream) {
      captures[stream].push(chunk);
      onData?.(chunk, stream);
      readers[stream]?.push(chunk);
    },
    result(exit) {
      readers.stdout?.end();
      readers.stderr?.end();
      const truncated = captures.stdout.truncated || captures.stderr.truncated;
      return {
        code: exit.code ?? 128 + signalNumber(exit.signal),
        stdout: captures.stdout.text(),
        stderr: captures.stderr.text(),
        ...(truncated ? { truncated } : {}),
        ms: performance.now() - started,
      };
    },
  };
}

function signalNumber(signal: string | null | undefined): number {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return (signal && numbers[signal]) || 0;
}
