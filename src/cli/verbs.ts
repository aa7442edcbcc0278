import { renderError } from '../ui/errors.js';
import { createReporter } from '../ui/reporter.js';
import { loadOperations } from './operations.js';
import { run } from './run.js';
import type { Terminal } from './terminal.js';

/** A command line as people type it. Resolves with the exit code. */
export function main(words: readonly string[], terminal: Terminal): Promise<number> {
  return run(words, { terminal, operations: loadOperations, createReporter, renderError });
}
