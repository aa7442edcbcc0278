import type { Readable } from 'node:stream';
import type { OutputStream } from '../ui/output.js';

/** What surrounds a run of the CLI. The real one is this process; tests bring their own. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls back on each SIGINT and SIGTERM until the returned function is called. */
  onInterrupt(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
  /** Ends the process at once: for the third Ctrl-C. */
  exit(code: number): void;
}

/** Can a person be asked? Both ends must be a terminal. */
export function isInteractive(terminal: Terminal): boolean {
  return terminal.stdin.isTTY === true && terminal.stderr.isTTY === true;
}
