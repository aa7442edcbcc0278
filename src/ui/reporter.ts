import type { Event } from '../core/events.js';
import { createLinesReporter } from './lines.js';
import { createLiveReporter } from './live.js';
import { createNdjsonReporter } from './ndjson.js';
import type { OutputStream } from './output.js';
import { type Environment, themeFor } from './theme.js';

/** Shows the events of a run until it is closed. */
export interface Reporter {
  emit(event: Event): void;
  /** Gives the terminal up (a person is asked something) until the returned function is called. */
  suspend(): () => void;
  /** Leaves the terminal as it was found; resolves when all has been written. */
  close(): Promise<void>;
}

/** Where a run is shown, and how much of it. */
export interface ReporterOptions {
  readonly output: 'text' | 'json';
  /** `quiet`: failures only; `verbose`: also each line that the commands on the hosts print. */
  readonly verbosity: 'quiet' | 'normal' | 'verbose';
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Environment;
}

/**
 * The right way to show a run here. JSON goes to stdout. Text goes to stderr, since stdout is for the result
 * (`up | tee`, `exec > file`): a live view on a terminal, and one line a change of state where there is none or
 * one that cannot move its cursor (TERM=dumb), or where nobody looks at it (CI).
 */
export function createReporter({ output, verbosity, stdout, stderr, env }: ReporterOptions): Reporter {
  if (output === 'json') return createNdjsonReporter({ stream: stdout, verbosity });
  const theme = themeFor(stderr, env);
  const isWatched = stderr.isTTY === true && env['TERM'] !== 'dumb' && (env['CI'] ?? '') === '';
  return isWatched && verbosity !== 'quiet'
    ? createLiveReporter({ stream: stderr, verbosity, theme })
    : createLinesReporter({ stream: stderr, verbosity, theme });
}
