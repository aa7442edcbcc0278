import * as z from 'zod';
import { shown } from '../shown.js';

/*
 * The kinds of field that the schema is put together from. Each documents itself (`about`) and, where a text has a
 * syntax, takes a `pattern` for editors: a summary of the check, which is what decides.
 */

/** What is wrong with a text, in words that follow the text; with a hint where there is more to say. */
export type Check = (text: string) => string | { readonly problem: string; readonly hint: string } | undefined;

export interface About {
  readonly about: string;
  readonly examples?: readonly string[];
  /** A regular expression for the JSON Schema, as loose as the check or looser. */
  readonly pattern?: string;
}

/** A text with a syntax of its own. `expected` names it for values that are no text at all: 'a version like "1.36.3"'. */
export function text(expected: string, check: Check, { about, examples, pattern }: About) {
  return z
    .string(`expected ${expected}`)
    .superRefine((value, context) => {
      const found = check(value);
      if (found === undefined) return;
      const { problem, hint } = typeof found === 'string' ? { problem: found, hint: undefined } : found;
      context.addIssue({ code: 'custom', message: `${shown(value)} ${problem}`, params: { hint } });
    })
    .describe(about)
    .meta({
      ...(examples === undefined ? {} : { examples: [...examples] }),
      ...(pattern === undefined ? {} : { pattern }),
    });
}

/** A whole number from `minimum` to `maximum`, both included. */
export function integer(minimum: number, maximum: number, about: string) {
  const expected = `expected a whole number from ${minimum} to ${maximum}`;
  return z.int(expected).min(minimum, expected).max(maximum, expected).describe(about);
}

/** One of a few words. */
export function choice<const Words extends readonly [string, ...string[]]>(words: Words, about: string) {
  return z.enum(words).describe(about);
}

/** A mapping of which every field may be left out. The key alone, with nothing after it, counts as an empty mapping. */
export function section<Shape extends z.ZodRawShape>(shape: Shape, about: string) {
  const fields = z.strictObject(shape);
  return fields
    .nullable()
    .transform((value) => value ?? fields.parse({}))
    .describe(about);
}

/** A list without two entries that are the same by `identity`. */
export function listOf<Entry extends z.ZodType>(entry: Entry, identity: (value: z.output<Entry>) => string) {
  return z.array(entry).superRefine((entries, context) => {
    const first = new Map<string, number>();
    for (const [index, value] of entries.entries()) {
      const known = first.get(identity(value));
      if (known === undefined) first.set(identity(value), index);
      else {
        const message = `${shown(identity(value))} stands in the list twice, first as entry ${known + 1}`;
        context.addIssue({ code: 'custom', message, path: [index] });
      }
    }
  });
}
