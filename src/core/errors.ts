import type { ErrorCode } from './error-codes.js';

const BRAND = Symbol.for('kubewright.error');

/**
 * The one error type that users see: what happened with the actual value (`message`), where
 * (`host`, `step`, `command` with secrets masked, the last `output` lines) and what to do next (`hint`).
 * `retryable` says whether the same attempt may succeed later without anybody changing anything.
 */
export class KubewrightError extends Error {
  /** The CLI and the library are bundled apart, each with its own copy of this class: they know each other's errors by this. */
  static override [Symbol.hasInstance](value: unknown): value is KubewrightError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  readonly [BRAND] = true;
  override readonly name = 'KubewrightError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly host: string | undefined;
  readonly step: string | undefined;
  readonly command: string | undefined;
  readonly output: readonly string[];
  readonly retryable: boolean;
  readonly reported: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.host = details.host;
    this.step = details.step;
    this.command = details.command;
    this.output = details.output ?? [];
    this.retryable = details.retryable ?? false;
    this.reported = details.reported ?? false;
  }
}

export interface ErrorDetails {
  readonly hint?: string | undefined;
  readonly host?: string | undefined;
  readonly step?: string | undefined;
  /** The command as it may be shown: secrets masked. */
  readonly command?: string | undefined;
  /** The last lines that the command printed, secrets masked. */
  readonly output?: readonly string[] | undefined;
  readonly retryable?: boolean | undefined;
  /** The whole of it has been told by the event of a failed step: whoever shows it at the end can be short. */
  readonly reported?: boolean | undefined;
  readonly cause?: unknown;
}

/** An error as plain data: what events, the journal and `--output json` carry. */
export interface SerializedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly host?: string | undefined;
  readonly step?: string | undefined;
  readonly command?: string | undefined;
  readonly output?: readonly string[] | undefined;
}

/** Plain data of any thrown value; what is not a KubewrightError becomes `internal`. */
export function serializeError(error: unknown): SerializedError {
  if (error instanceof KubewrightError) {
    const { code, message, hint, host, step, command, output } = error;
    return { code, message, hint, host, step, command, output: output.length > 0 ? output : undefined };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'internal', message };
}
