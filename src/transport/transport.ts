import type { Readable } from 'node:stream';
import type { Command } from './command.js';

/** A way to run commands on one machine. SSH is one, this machine's own shell another. */
export interface Transport extends AsyncDisposable {
  /** "root@10.0.1.5:22": for messages. */
  readonly description: string;
  /**
   * Runs one command and resolves with its exit, whatever that is; rejects only when the transport
   * itself fails (KubewrightError, `retryable` where another try may help) or `signal` aborts.
   */
  run(command: Command, options: RunOptions): Promise<RunResult>;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Deadline in milliseconds. */
  readonly timeoutMs: number;
  /** Sent to the command's standard input, which is then closed; empty when absent. */
  readonly stdin?: Uint8Array | Readable | undefined;
  /** Each complete line as it arrives, secrets of the command masked, control characters made harmless. */
  readonly onLine?: ((line: string, stream: OutputStream) => void) | undefined;
  /** Each chunk as it arrives, raw and unmasked: for protocols spoken over the streams, never for showing. */
  readonly onData?: ((chunk: Uint8Array, stream: OutputStream) => void) | undefined;
}

export type OutputStream = 'stdout' | 'stderr';

export interface RunResult {
  /** The exit code; 128 + n when ended by signal n. */
  readonly code: number;
  /** Raw output, at most 8 MiB each. */
  readonly stdout: string;
  readonly stderr: string;
  /** True when more than that came and was dropped. */
  readonly truncated?: boolean | undefined;
  readonly ms: number;
}

/**
 * How long after a command's exit silence on its streams is taken for their end, in milliseconds: what it left running
 * in the background may hold them open for ever, but what it printed last may also still be on its way.
 */
export const LINGER_MS = 3000;

/** How long a command that is ended early may take to clean up, in milliseconds, before its streams are closed. */
export const GRACE_MS = 2000;
