import type { Argument, CommandDefinition, Completes, Flag } from '../command.js';
import { COMMON_FLAGS } from '../common-flags.js';

/** A word that could stand at the cursor. */
export interface Candidate {
  readonly word: string;
  readonly description: string;
}

/** What a shell is told: words, and whether names of files are welcome as well. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly files: boolean;
}

/** Names that only this machine knows; an empty list where they cannot be had. */
export interface NameSource {
  hosts(file: string): Promise<readonly string[]>;
  clusters(): Promise<readonly string[]>;
}

const NOTHING: Completion = { candidates: [], files: false };

/**
 * What could stand at the cursor. `words` are those after "kubewright", up to and with the one under the
 * cursor (which may be empty). Only words that begin with what is typed are given.
 */
export async function complete(
  words: readonly string[],
  commands: readonly CommandDefinition[],
  names: NameSource,
): Promise<Completion> {
  const typed = words.at(-1) ?? '';
  const line = readLine(words.slice(0, -1), commands);
  const found = await propose(line, typed, commands, names);
  return { ...found, candidates: found.candidates.filter(({ word }) => word.startsWith(typed)) };
}

/** What the words before the cursor mean. */
interface Line {
  readonly command: CommandDefinition | undefined;
  /** Words that are neither flags nor their values, without the verb. */
  readonly operands: readonly string[];
  /** The flag whose value stands at the cursor. */
  readonly pending: Flag | undefined;
  /** `help` was typed in the verb's place. */
  readonly help: boolean;
  readonly afterDashes: boolean;
  readonly file: string;
}

function readLine(words: readonly string[], commands: readonly CommandDefinition[]): Line {
  let line: Line = {
    command: undefined,
    operands: [],
    pending: undefined,
    help: false,
    afterDashes: false,
    file: COMMON_FLAGS[0].default,
  };
  for (const word of words) {
    if (line.pending !== undefined) {
      line = { ...line, pending: undefined, file: line.pending.name === 'file' ? word : line.file };
    } else if (word === '--') {
      return { ...line, afterDashes: true };
    } else if (word.startsWith('-')) {
      const [name = '', value] = word.split('=', 2);
      const flag = flagsOf(line.command).find((each) => `--${each.name}` === name || `-${each.short}` === name);
      if (value !== undefined) line = { ...line, file: flag?.name === 'file' ? value : line.file };
      else line = { ...line, pending: flag?.value === undefined ? undefined : flag };
    } else if (line.command === undefined && !line.help) {
      line = { ...line, help: word === 'help', command: commands.find(({ name }) => name === word) };
    } else {
      line = { ...line, operands: [...line.operands, word] };
    }
  }
  return line;
}

async function propose(
  line: Line,
  typed: string,
  commands: readonly CommandDefinition[],
  names: NameSource,
): Promise<Completion> {
  if (line.afterDashes) return { candidates: [], files: true };
  if (line.pending !== undefined) return values(line.pending, line, names);
  if (typed.startsWith('--') && typed.includes('=')) {
    const name = typed.slice(2, typed.indexOf('='));
    const flag = flagsOf(line.command).find((each) => each.name === name && each.value !== undefined);
    if (flag === undefined) return NOTHING;
    const { candidates } = await values(flag, line, names);
    return { candidates: candidates.map((each) => ({ ...each, word: `--${name}=${each.word}` })), files: false };
  }
  if (typed.startsWith('-')) return { candidates: flagCandidates(line.command), files: false };
  if (line.command === undefined) {
    if (line.operands.length > 0) return NOTHING;
    const verbs = commands.filter(({ hidden }) => hidden !== true);
    const help = { word: 'help', description: 'Show the help of a verb' };
    const candidates = verbs.map(({ name, summary }) => ({ word: name, description: summary }));
    return { candidates: line.help ? candidates : [...candidates, help], files: false };
  }
  const argument = argumentAt(line.command, line.operands.length);
  if (argument === undefined) return NOTHING;
  const found = await values(argument, line, names);
  return { ...found, candidates: found.candidates.filter(({ word }) => !line.operands.includes(word)) };
}

function argumentAt(command: CommandDefinition, index: number): Argument | undefined {
  const last = command.arguments.at(-1);
  return command.arguments[index] ?? (last?.variadic === true ? last : undefined);
}

async function values(
  of: { readonly choices?: readonly string[]; readonly completes?: Completes; readonly description: string },
  line: Line,
  names: NameSource,
): Promise<Completion> {
  const listed = (words: readonly string[], description: string) => ({
    candidates: words.map((word) => ({ word, description })),
    files: false,
  });
  if (of.choices !== undefined) return listed(of.choices, '');
  switch (of.completes ?? 'nothing') {
    case 'file':
      return { candidates: [], files: true };
    case 'host':
      return listed(await names.hosts(line.file), 'host');
    case 'cluster':
      return listed(await names.clusters(), 'cluster');
    case 'nothing':
      return NOTHING;
  }
}

function flagsOf(command: CommandDefinition | undefined): readonly Flag[] {
  return [...(command?.flags ?? []), ...COMMON_FLAGS];
}

function flagCandidates(command: CommandDefinition | undefined): readonly Candidate[] {
  const own = flagsOf(command).map(({ name, description }) => ({ word: `--${name}`, description }));
  return [...own, { word: '--help', description: 'Show this help.' }];
}
