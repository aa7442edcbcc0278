import { PassThrough } from 'node:stream';
import type { Operations } from '../../src/cli/operations.js';
import { run } from '../../src/cli/run.js';
import type { Terminal } from '../../src/cli/terminal.js';
import { serializeError } from '../../src/core/errors.js';
import type { Event } from '../../src/core/events.js';
import { answersProblem, defaultAnswers, init } from '../../src/operations/init.js';
import { validate } from '../../src/operations/validate.js';
import type { Reporter } from '../../src/ui/reporter.js';

/** What a run of the CLI left behind. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly Event[];
  /** Did it leave at once, in the middle of everything? */
  readonly exited: boolean;
}

export interface RigOptions {
  readonly operations?: Partial<Operations>;
  readonly env?: Record<string, string>;
  readonly interactive?: boolean;
  readonly columns?: number;
  /** Typed at the first question. */
  readonly answer?: string;
  /** Gets the function that stands for Ctrl-C. */
  readonly onStart?: (interrupt: () => void) => void;
}

/** Runs the CLI in this process, on operations that the test brings. An operation that it did not bring must not be called. */
export async function runCli(words: readonly string[], options: RigOptions = {}): Promise<Outcome> {
  const stdin = Object.assign(new PassThrough(), { isTTY: options.interactive === true });
  const stdout = Object.assign(new PassThrough(), { columns: options.columns });
  const stderr = Object.assign(new PassThrough(), { isTTY: options.interactive === true });
  if (options.answer !== undefined) stdin.end(`${options.answer}\n`);
  const listeners = new Set<(signal: 'SIGINT' | 'SIGTERM') => void>();
  let exited: number | undefined;
  const terminal: Terminal = {
    stdin,
    stdout,
    stderr,
    env: { NO_COLOR: '1', ...options.env },
    onInterrupt(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exit: (code) => {
      exited = code;
    },
  };
  options.onStart?.(() => {
    for (const listener of [...listeners]) listener('SIGINT');
  });
  const events: Event[] = [];
  const reporter: Reporter = { emit: (event) => events.push(event), suspend: () => () => {}, close: async () => {} };
  const code = await run(words, {
    terminal,
    operations: async () => ({ ...UNWANTED, ...options.operations }),
    createReporter: () => reporter,
    renderError: (error) => {
      const { code, message, hint } = serializeError(error);
      return `${code}: ${message}${hint === undefined ? '' : `\nhint: ${hint}`}`;
    },
  });
  return { code: exited ?? code, stdout: textOf(stdout), stderr: textOf(stderr), events, exited: exited !== undefined };
}

/** Calling what a test did not bring fails the test; what works offline is the real thing. */
const unwanted = () => Promise.reject(new Error('this operation must not be called here'));

const UNWANTED: Operations = {
  up: unwanted,
  plan: unwanted,
  status: unwanted,
  // biome-ignore lint/correctness/useYield: it must not be called.
  watchStatus: async function* () {
    await unwanted();
  },
  kubeconfig: unwanted,
  ssh: unwanted,
  exec: unwanted,
  reset: unwanted,
  nodeAdd: unwanted,
  nodeRemove: unwanted,
  nodeReplace: unwanted,
  scale: unwanted,
  down: unwanted,
  tunnel: unwanted,
  doctor: unwanted,
  validate,
  init,
  listClusters: async () => ['demo'],
  answersProblem,
  defaultAnswers,
};

function textOf(stream: PassThrough): string {
  const chunk: Buffer | null = stream.read();
  return chunk?.toString('utf8') ?? '';
}
