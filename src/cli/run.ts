import { CommanderError } from 'commander';
import { KubewrightError, serializeError } from '../core/errors.js';
import { encodeLine } from '../core/event-line.js';
import { packageVersion } from '../package.js';
import type { ErrorStyle } from '../ui/errors.js';
import { outputTo } from '../ui/output.js';
import { wantsColour } from '../ui/theme.js';
import type { AnyInput } from './command.js';
import { COMMANDS } from './commands.js';
import { namesFrom } from './completion/names.js';
import { EXIT } from './exit-codes.js';
import type { Operations } from './operations.js';
import { createProgram, type Invocation } from './program.js';
import { type CreateReporter, createSession, type SessionFlags } from './session.js';
import { usageError } from './suggestion.js';
import type { Terminal } from './terminal.js';

/** What the CLI is connected to: real in main.ts, brought along by tests. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly operations: () => Promise<Operations>;
  readonly createReporter: CreateReporter;
  readonly renderError: (error: unknown, style: ErrorStyle) => string;
}

/** Runs one command line and resolves with its exit code. Never rejects: what went wrong has been shown. */
export async function run(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { terminal } = surroundings;
  let json = asksForJson(words, terminal);
  try {
    const invocation = parse(words, terminal);
    if (invocation === undefined) return EXIT.done;
    const { command, input } = invocation;
    const flags = sessionFlags(input);
    json = flags.json;
    return await command.run(
      input,
      createSession({ ...surroundings, names: namesFrom(surroundings.operations), command, flags }),
    );
  } catch (error) {
    if (json) {
      outputTo(terminal.stdout).write(encodeLine({ type: 'error', error: serializeError(error) }, new Date()));
    } else {
      const colours = wantsColour(terminal.stderr, terminal.env);
      const shown = surroundings.renderError(error, { colours, width: terminal.stderr.columns ?? 100 });
      outputTo(terminal.stderr).write(`${shown.trimEnd()}\n`);
    }
    return exitCodeOf(error);
  }
}

function parse(words: readonly string[], terminal: Terminal): Invocation | undefined {
  const program = createProgram(COMMANDS, packageVersion(), {
    write: (text) => outputTo(terminal.stdout).write(text),
    columns: Math.min(terminal.stdout.columns ?? 100, 120),
    colours: wantsColour(terminal.stdout, terminal.env),
  });
  try {
    const invocation = program.parse(words);
    if (invocation !== undefined) checkRest(invocation, words);
    return invocation;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    if (error.code === 'commander.help') {
      throw new KubewrightError('usage', 'which verb?', { hint: '`kubewright --help` lists them.' });
    }
    throw usageError(error, COMMANDS.find(({ name }) => words.includes(name))?.name);
  }
}

function checkRest({ command, input }: Invocation, words: readonly string[]): void {
  if (command.rest === undefined && words.includes('--')) {
    throw new KubewrightError('usage', `${command.name} takes nothing after --, but got ${input.rest.join(' ')}`, {
      hint: `\`kubewright ${command.name} --help\` shows what there is.`,
    });
  }
  if (command.rest?.required === true && input.rest.length === 0) {
    throw new KubewrightError('usage', `${command.name} needs ${command.rest.name} after --`, {
      hint: command.examples[0] === undefined ? undefined : `For example: ${command.examples[0].command}`,
    });
  }
}

function sessionFlags({ flags }: AnyInput): SessionFlags {
  return {
    json: flags['output'] === 'json',
    yes: flags['yes'] === true,
    quiet: flags['quiet'] === true,
    verbose: flags['verbose'] === true,
  };
}

/** Whether a command line that cannot even be parsed wants its error as JSON. */
function asksForJson(words: readonly string[], terminal: Terminal): boolean {
  const line = words.join(' ');
  if (/(^| )(--output|-o)[ =]?text( |$)/.test(line)) return false;
  return /(^| )(--output|-o)[ =]?json( |$)/.test(line) || terminal.env['KUBEWRIGHT_OUTPUT'] === 'json';
}

function exitCodeOf(error: unknown): number {
  if (!(error instanceof KubewrightError)) return EXIT.failed;
  switch (error.code) {
    case 'usage':
    case 'config-invalid':
    case 'no-terminal':
    case 'file-exists':
      return EXIT.usage;
    case 'interrupted':
      return EXIT.interrupted;
    default:
      return EXIT.failed;
  }
}
