import type { Readable } from 'node:stream';
import type { StepContext } from '../core/step.js';
import type { Command } from '../transport/command.js';
import type { RunResult } from '../transport/transport.js';

/** A machine that scripts are run on as root. One script is one round trip. */
export interface RemoteHost extends AsyncDisposable {
  readonly name: string;
  /** "admin@10.0.1.5:22". */
  readonly description: string;
  /**
   * Runs a POSIX sh script as root (through sudo where the user is not root), passed on standard input so
   * that it stands in no process list. Rejects with `remote-command-failed` (host, step, masked command,
   * last lines) when it exits with anything but 0, unless `allowFailure`.
   * Lines go to the step's output as they come; its signal aborts, and ends what the script has started.
   */
  script(script: Command, options: ScriptOptions): Promise<RunResult>;
  /**
   * Writes files as root: streamed to a temporary name beside the destination, size and sha256 checked on
   * the host, then renamed. A cut connection leaves nothing half-written under the destination's name.
   */
  upload(files: readonly Upload[], options: UploadOptions): Promise<void>;
}

export interface ScriptOptions {
  readonly context: Pick<StepContext, 'signal' | 'line'>;
  readonly timeoutMs: number;
  readonly allowFailure?: boolean | undefined;
  /** Name shown in errors and the transcript instead of the script's text: "kubeadm init". */
  readonly title: string;
  /** Becomes the script's standard input, which is empty otherwise. A connection that is cut ends it early. */
  readonly input?: Readable | undefined;
  /** True where it changes something on the host: it is then done by one operator at a time. Default false. */
  readonly changes?: boolean | undefined;
  /** False keeps the output out of the live view (facts). Default true. */
  readonly show?: boolean | undefined;
}

export interface Upload {
  /** A local file. */
  readonly source: string;
  readonly destination: string;
  /** Octal string: "0755". */
  readonly mode: string;
  readonly sha256: string;
  readonly size: number;
}

export interface UploadOptions {
  readonly context: Pick<StepContext, 'signal' | 'progress'>;
  readonly timeoutMs: number;
}
