import type { SerializedError } from './errors.js';
import type { Event } from './events.js';

/** The last line of a run with `--output json`. */
export type ClosingLine =
  | { readonly type: 'result'; readonly verb: string; readonly result: unknown }
  | { readonly type: 'error'; readonly error: SerializedError };

/** One line of NDJSON, its newline included: the version of the format, the time, and what happened. */
export function encodeLine(body: Event | ClosingLine, at: Date): string {
  return `${JSON.stringify({ v: 1, at: at.toISOString(), ...body })}\n`;
}
