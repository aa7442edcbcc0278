import type { Argument, CommandDefinition, Flag } from '../../src/cli/command.js';
import { COMMON_FLAGS } from '../../src/cli/common-flags.js';
import { flagSyntax, usageOf } from '../../src/cli/program.js';
import { markdownTable, page, pageHead } from './markdown.js';

/** docs/reference/cli.md: every verb with its flags and examples, from the data that the parser is made of. */
export function cliReference(commands: readonly CommandDefinition[]): string {
  const verbs = commands.filter(({ hidden }) => hidden !== true);
  return page([
    pageHead('Command line', 'src/cli/commands'),
    markdownTable(
      ['Verb', 'What it does'],
      verbs.map(({ name, summary }) => [`[\`${name}\`](#kubewright-${name})`, summary]),
    ),
    '## Flags of every verb',
    'They may stand before the verb or after it.',
    flagTable(COMMON_FLAGS),
    'The [exit codes](exit-codes.md) are the same for every verb. With `--output json` the output is [a stream of events](events.md).',
    'Colours are left out where the output is no terminal, where `NO_COLOR` is set, or where `TERM` is `dumb`; `FORCE_COLOR=1` brings them back.',
    ...verbs.flatMap(verbSection),
  ]);
}

function verbSection(verb: CommandDefinition): readonly string[] {
  return [
    `## kubewright ${verb.name}`,
    `\`\`\`\nkubewright ${verb.name} ${usageOf(verb)}\n\`\`\``,
    verb.description,
    ...(verb.arguments.length > 0 || verb.rest !== undefined ? [argumentTable(verb)] : []),
    ...(verb.flags.length > 0 ? [flagTable(verb.flags)] : []),
    `\`\`\`sh\n${verb.examples.map(({ comment, command }) => `# ${comment}\n${command}`).join('\n\n')}\n\`\`\``,
  ];
}

function argumentTable({ arguments: known, rest }: CommandDefinition): string {
  const row = (argument: Argument) => [
    `\`${argument.name}\``,
    withChoices(argument.description, argument.choices) + (argument.optional === true ? ' May be left out.' : ''),
  ];
  const behindDashes = rest === undefined ? [] : [[`\`-- ${rest.name}\``, rest.description]];
  return markdownTable(['Argument', 'Meaning'], [...known.map(row), ...behindDashes]);
}

function flagTable(flags: readonly Flag[]): string {
  return markdownTable(
    ['Flag', 'Default', 'Meaning'],
    flags.map((flag) => [
      `\`${flagSyntax(flag)}\``,
      flag.default === undefined ? '' : `\`${flag.default}\``,
      withChoices(flag.description, flag.choices) + (flag.env === undefined ? '' : ` Environment: \`${flag.env}\`.`),
    ]),
  );
}

function withChoices(description: string, choices: readonly string[] | undefined): string {
  if (choices === undefined) return description;
  return `${description} One of ${choices.map((choice) => `\`${choice}\``).join(', ')}.`;
}
