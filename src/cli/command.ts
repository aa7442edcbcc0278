import type { CommonFlag } from './common-flags.js';
import type { Session } from './session.js';

/**
 * A verb as data. The parser, `--help`, completion and docs/reference/cli.md are all made from it, so none
 * of them can say something that the others don't.
 */
export interface CommandDefinition {
  readonly name: string;
  /** One line, no full stop: the list of verbs in `kubewright --help`. */
  readonly summary: string;
  /** What it does and what it leaves alone; paragraphs separated by an empty line. */
  readonly description: string;
  readonly arguments: readonly Argument[];
  readonly flags: readonly Flag[];
  /** What may stand after `--`. Absent: `--` is refused. */
  readonly rest?: Rest | undefined;
  readonly examples: readonly Example[];
  /** True for what people never type: left out of help, completion and docs. */
  readonly hidden?: boolean | undefined;
  /** Does it and resolves with the exit code; rejects with a KubewrightError. */
  run(input: AnyInput, session: Session): Promise<number>;
}

/** An argument that is known by its place. */
export interface Argument {
  readonly name: string;
  readonly description: string;
  readonly optional?: boolean;
  /** Takes all that follow; only the last one may. */
  readonly variadic?: boolean;
  readonly choices?: readonly string[];
  readonly completes?: Completes;
}

/** A flag. Without `value` it is a switch that is off unless given. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** The placeholder of its value: "FILE". */
  readonly value?: string;
  /** The value is a whole number, at least this. */
  readonly atLeast?: number;
  readonly choices?: readonly string[];
  readonly default?: string | number;
  readonly description: string;
  /** An environment variable that gives the value when the flag is absent. */
  readonly env?: string;
  readonly completes?: Completes;
}

/** The words after `--`: a command for another machine. */
export interface Rest {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}

/** One thing a user might want to do, as it is typed. */
export interface Example {
  readonly command: string;
  readonly comment: string;
}

/** Where completion finds the values of a flag or an argument. */
export type Completes = 'file' | 'host' | 'cluster' | 'nothing';

/** What a verb gets when nothing is known of its flags and arguments. */
export interface AnyInput {
  readonly flags: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly arguments: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly rest: readonly string[];
}

/** Declares a verb; `run` sees its own flags and arguments by name with their types. */
export function defineCommand<const Flags extends readonly Flag[], const Arguments extends readonly Argument[]>(
  definition: TypedDefinition<Flags, Arguments>,
): CommandDefinition {
  // The parser builds `input` from this very definition, which is what makes the narrower type true.
  return definition as CommandDefinition;
}

interface TypedDefinition<Flags extends readonly Flag[], Arguments extends readonly Argument[]>
  extends Omit<CommandDefinition, 'flags' | 'arguments' | 'run'> {
  readonly flags: Flags;
  readonly arguments: Arguments;
  run(input: TypedInput<Flags, Arguments>, session: Session): Promise<number>;
}

interface TypedInput<Flags extends readonly Flag[], Arguments extends readonly Argument[]> {
  readonly flags: { readonly [F in Flags[number] | CommonFlag as F['name']]: FlagValue<F> };
  readonly arguments: { readonly [A in Arguments[number] as A['name']]: ArgumentValue<A> };
  readonly rest: readonly string[];
}

type FlagValue<F extends Flag> = F extends { readonly value: string }
  ? F extends { readonly default: string | number }
    ? GivenValue<F>
    : GivenValue<F> | undefined
  : boolean;

type GivenValue<F extends Flag> = F extends { readonly atLeast: number }
  ? number
  : F extends { readonly choices: readonly (infer Choice)[] }
    ? Choice
    : string;

type ArgumentValue<A extends Argument> = A extends { readonly variadic: true }
  ? readonly string[]
  : A extends { readonly optional: true }
    ? string | undefined
    : string;
