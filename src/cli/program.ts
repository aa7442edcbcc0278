import { Command as Commander, InvalidArgumentError, Option } from 'commander';
import type { AnyInput, Argument, CommandDefinition, Flag } from './command.js';
import { COMMON_FLAGS } from './common-flags.js';
import { examplesText, FIRST_STEPS } from './help.js';

/** The words of a command line, parsed and understood: which verb, and what it gets. */
export interface Invocation {
  readonly command: CommandDefinition;
  readonly input: AnyInput;
}

/** Where help and the version go, and how wide they may be. */
export interface HelpOutput {
  write(text: string): void;
  readonly columns: number;
  readonly colours: boolean;
}

/**
 * Makes the parser from the verbs' data. `parse` resolves with what to run, or undefined where help or the
 * version was asked for and shown; it rejects with commander's CommanderError where the words make no sense.
 */
export function createProgram(commands: readonly CommandDefinition[], version: string, output: HelpOutput) {
  let invocation: Invocation | undefined;
  const program = new Commander('kubewright')
    .usage('VERB [FLAGS]')
    .description('One command from nothing to `kubectl get nodes`: real Kubernetes over SSH.')
    .helpCommand('help [VERB]', 'Show the help of a verb')
    .helpOption('-h, --help', 'Show this help.')
    .version(version, '--version', 'Show the version.')
    .addHelpText('after', FIRST_STEPS)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.write(text),
      // Errors are thrown, and shown by whoever catches them.
      writeErr: () => {},
      getOutHelpWidth: () => output.columns,
      getOutHasColors: () => output.colours,
    })
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: (verb) => verb.name(),
      styleTitle: (title) => bold(TITLES[title] ?? title, output),
    });
  for (const flag of COMMON_FLAGS) program.addOption(toOption(flag));

  for (const definition of commands) {
    const verb = program
      .command(definition.name, { hidden: definition.hidden === true })
      .summary(definition.summary)
      .description(unwrapped(definition.description))
      .usage(usageOf(definition))
      .addHelpText('after', examplesText(definition.examples));
    for (const argument of definition.arguments) verb.addArgument(toArgument(verb, argument));
    for (const flag of definition.flags) verb.addOption(toOption(flag));
    verb.action(() => {
      const flags = verb.optsWithGlobals();
      invocation = {
        command: definition,
        input: {
          flags: Object.fromEntries(
            [...COMMON_FLAGS, ...definition.flags].map((flag: Flag) => [
              flag.name,
              flags[camelCase(flag.name)] ?? (flag.value === undefined ? false : undefined),
            ]),
          ),
          arguments: Object.fromEntries(definition.arguments.map(({ name }, at) => [name, verb.processedArgs[at]])),
          rest: [],
        },
      };
    });
  }

  return {
    program,
    parse(words: readonly string[]): Invocation | undefined {
      // Commander forgets where `--` stood, so what follows it never gets there.
      if (words.length === 0) {
        program.outputHelp();
        return undefined;
      }
      const dashes = words.indexOf('--');
      const own = dashes === -1 ? words : words.slice(0, dashes);
      program.parse(namingUnknownVerb(program, own), { from: 'user' });
      if (invocation === undefined || dashes === -1) return invocation;
      return { ...invocation, input: { ...invocation.input, rest: words.slice(dashes + 1) } };
    },
  };
}

/** "up [FLAGS]", "exec [HOST…] -- CMD…" without the program's name. */
export function usageOf(definition: CommandDefinition): string {
  const words = definition.arguments.map((argument) => {
    const name = argument.variadic ? `${argument.name}…` : argument.name;
    return argument.optional ? `[${name}]` : name;
  });
  const { rest } = definition;
  if (rest !== undefined) words.push(rest.required ? `-- ${rest.name}…` : `[-- ${rest.name}…]`);
  return ['[FLAGS]', ...words].join(' ');
}

/** "-f, --file <FILE>" as commander and the docs write it. */
export function flagSyntax(flag: Flag): string {
  const long = flag.value === undefined ? `--${flag.name}` : `--${flag.name} <${flag.value}>`;
  return flag.short === undefined ? long : `-${flag.short}, ${long}`;
}

function toOption(flag: Flag): Option {
  const option = new Option(flagSyntax(flag), flag.description);
  if (flag.default !== undefined) option.default(flag.default);
  if (flag.choices !== undefined) option.choices(flag.choices);
  if (flag.env !== undefined) option.env(flag.env);
  const { atLeast } = flag;
  if (atLeast !== undefined) {
    option.argParser((word) => {
      const number = Number(word);
      if (/^\d+$/.test(word) && Number.isSafeInteger(number) && number >= atLeast) return number;
      throw new InvalidArgumentError(`It must be a whole number, at least ${atLeast}.`);
    });
  }
  return option;
}

function toArgument(verb: Commander, argument: Argument) {
  const name = argument.variadic ? `${argument.name}...` : argument.name;
  const made = verb.createArgument(argument.optional ? `[${name}]` : `<${name}>`, argument.description);
  return argument.choices === undefined ? made : made.choices(argument.choices);
}

/** Commander's headings in the words of this project. */
const TITLES: Readonly<Record<string, string>> = {
  'Options:': 'Flags:',
  'Global Options:': 'Flags of every verb:',
  'Commands:': 'Verbs:',
};

/** Commander answers `--help` and `help` with the general help where the verb is unknown; a misspelt verb is to be named instead. */
function namingUnknownVerb(program: Commander, words: readonly string[]): readonly string[] {
  const { operands } = program.parseOptions([...words]);
  const verb = operands[0] === 'help' ? operands[1] : operands[0];
  const isKnown = verb === undefined || verb === 'help' || program.commands.some((command) => command.name() === verb);
  return isKnown ? words : [verb];
}

/** Paragraphs as one line each: help is wrapped to the terminal's width. */
function unwrapped(text: string): string {
  return text.replace(/(?<!\n)\n(?!\n)/g, ' ');
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function bold(text: string, output: HelpOutput): string {
  return output.colours ? `\u001b[1m${text}\u001b[22m` : text;
}
