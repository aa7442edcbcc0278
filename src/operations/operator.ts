import type { Emit } from '../core/events.js';

/** Whoever started an operation: the CLI, or a program that uses the library. */
export interface Operator {
  readonly emit: Emit;
  /** First Ctrl-C: start nothing new, let what runs finish. */
  readonly stop: AbortSignal;
  /** Second Ctrl-C: end what runs. */
  readonly abort: AbortSignal;
  /** Asks a question that must be answered by the exact `expected` text; false off a terminal. */
  confirm(question: string, expected: string): Promise<boolean>;
  /** Asks for a secret without showing it; rejects off a terminal. */
  askSecret(prompt: string): Promise<string>;
}
