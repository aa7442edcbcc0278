import { encodeLine } from '../core/event-line.js';
import type { Operator } from '../operations/operator.js';
import { outputTo } from '../ui/output.js';
import type { Reporter, ReporterOptions } from '../ui/reporter.js';
import { createPaint, type Paint, wantsColour } from '../ui/theme.js';
import type { CommandDefinition } from './command.js';
import type { NameSource } from './completion/candidates.js';
import { EXIT } from './exit-codes.js';
import { listenForInterrupts } from './interrupts.js';
import type { Operations } from './operations.js';
import { askSecret, confirm } from './prompt.js';
import type { Terminal } from './terminal.js';

/** One run of one verb: what its definition has at hand. */
export interface Session {
  readonly terminal: Terminal;
  readonly names: NameSource;
  /** Runs an operation with a view of what it does, questions, and Ctrl-C. */
  perform<Result>(work: Work<Result>, options?: PerformOptions): Promise<Result>;
  /** Shows the result: with `--output json` as the stream's last line, else as `text` says. */
  present(result: unknown, text: (paint: Paint) => string | StreamTexts): void;
}

/** Text for each of the two streams, ending in a newline where it is not empty. */
export interface StreamTexts {
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run of a verb is made of. */
export interface SessionOptions {
  readonly command: CommandDefinition;
  readonly flags: SessionFlags;
  readonly terminal: Terminal;
  readonly operations: () => Promise<Operations>;
  readonly names: NameSource;
  readonly createReporter: CreateReporter;
}

/** The common flags that a session itself obeys. */
export interface SessionFlags {
  readonly json: boolean;
  readonly yes: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Makes the view of a run: `createReporter` of ui/reporter.ts, or a test's own. */
export type CreateReporter = (options: ReporterOptions) => Reporter;

type Work<Result> = (operations: Operations, operator: Operator) => Promise<Result>;

interface PerformOptions {
  /**
   * False shows nothing of what happens: for what takes no time, asks its own questions, or hands the terminal over. A
   * reporter shows it in its own way. Default true.
   */
  readonly view?: boolean | Reporter;
  /** True leaves Ctrl-C to the program that has the terminal. SIGTERM still stops. Default false. */
  readonly leavesCtrlC?: boolean;
  /** True where the same verb, run again, goes on with what was interrupted: said at the first Ctrl-C. Default false. */
  readonly resumes?: boolean;
  /** True where Ctrl-C is how it ends: then nothing is said of it. Default false. */
  readonly endsByCtrlC?: boolean;
}

/** Begins a run; nothing is loaded or shown before `perform`. */
export function createSession(options: SessionOptions): Session {
  const { command, flags, terminal } = options;
  return {
    terminal,
    names: options.names,
    async perform(work, { view = true, leavesCtrlC = false, resumes = false, endsByCtrlC = false } = {}) {
      const operations = await options.operations();
      const reporter = reporterFor(view, options);
      const say = (text: string) => reporter.emit({ type: 'note', level: 'warning', text });
      using interrupts = listenForInterrupts({
        subscribe: (listener) =>
          terminal.onInterrupt((signal) => {
            if (!(leavesCtrlC && signal === 'SIGINT')) listener();
          }),
        onStop: () => {
          if (endsByCtrlC) return;
          const goOn = resumes ? ` \`kubewright ${command.name}\` goes on from here.` : '';
          say(`Stopping: what runs may finish, nothing new is started. Ctrl-C again aborts.${goOn}`);
        },
        onAbort: () => say('Aborting. Ctrl-C again leaves at once.'),
        onExit: () => terminal.exit(EXIT.interrupted),
      });
      const asking = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
        const resume = reporter.suspend();
        try {
          return await ask();
        } finally {
          resume();
        }
      };
      try {
        return await work(operations, {
          emit: (event) => reporter.emit(event),
          stop: interrupts.stop,
          abort: interrupts.abort,
          confirm: async (question, expected) =>
            flags.yes || asking(() => confirm(terminal, question, expected, interrupts.stop)),
          askSecret: (prompt) => asking(() => askSecret(terminal, prompt, interrupts.stop)),
        });
      } finally {
        await reporter.close();
      }
    },
    present(result, text) {
      if (flags.json) {
        outputTo(terminal.stdout).write(encodeLine({ type: 'result', verb: command.name, result }, new Date()));
        return;
      }
      const shown = text(createPaint(wantsColour(terminal.stdout, terminal.env)));
      const { stdout, stderr } = typeof shown === 'string' ? { stdout: `${shown}\n`, stderr: '' } : shown;
      outputTo(terminal.stdout).write(stdout);
      outputTo(terminal.stderr).write(stderr);
    },
  };
}

function reporterFor(view: boolean | Reporter, { createReporter, terminal, flags }: SessionOptions): Reporter {
  if (typeof view !== 'boolean') return view;
  return view ? createReporter(reporterOptions(terminal, flags)) : SILENT;
}

const SILENT: Reporter = { emit: () => {}, suspend: () => () => {}, close: async () => {} };

function reporterOptions({ stdout, stderr, env }: Terminal, flags: SessionFlags): ReporterOptions {
  const verbosity = flags.quiet ? 'quiet' : flags.verbose ? 'verbose' : 'normal';
  return { output: flags.json ? 'json' : 'text', verbosity, stdout, stderr, env };
}
