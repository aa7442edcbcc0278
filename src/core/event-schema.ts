import * as z from 'zod';
import { ERROR_CODES, type ErrorCode } from './error-codes.js';

/*
 * The published shape of what `--output json` prints and the journal keeps. The types in events.ts are what the
 * program is written against; a test holds both equal.
 */

/** Where the published package has the schema of one line. */
export const EVENT_SCHEMA_URL = 'https://unpkg.com/kubewright/schema/events.v1.json';

const milliseconds = z.number().describe('Milliseconds.');
const host = z.string().optional().describe("The host; absent for work on the operator's own machine.");
const stepId = z.string().describe('"<host>/<name>", or "<name>" for the operator\'s own machine. Unique in a run.');

const change = z
  .object({
    action: z.enum(['create', 'update', 'delete', 'run']),
    what: z.string().describe('What it is about: a path, a unit, a machine.'),
    why: z.string().optional().describe('Why, in a few words: "missing", "content differs".'),
    diff: z.string().optional().describe("A unified diff of a file's content, secrets masked."),
    disruptive: z.boolean().optional().describe('True when running workloads are disturbed by it.'),
  })
  .describe('One difference between what is and what shall be.');

const error = z
  .object({
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]).describe('See the reference of errors.'),
    message: z.string().describe('What happened, with the actual value.'),
    hint: z.string().optional().describe('What to do next.'),
    host: z.string().optional(),
    step: z.string().optional().describe('The title of the step.'),
    command: z.string().optional().describe('The command, secrets masked.'),
    output: z.array(z.string()).readonly().optional().describe('The last lines that it printed, secrets masked.'),
  })
  .describe('An error as plain data.');

const runStarted = z
  .object({
    type: z.literal('run'),
    state: z.literal('started'),
    verb: z.string().describe('The verb: "up".'),
    cluster: z.string(),
    hosts: z
      .array(z.object({ name: z.string(), role: z.string(), steps: z.number().optional() }))
      .readonly()
      .describe('The hosts, and how many steps each has.'),
    steps: z.number().describe('How many steps there are in all.'),
    phases: z
      .array(z.object({ name: z.string(), steps: z.number() }))
      .readonly()
      .optional()
      .describe('How many steps each phase has.'),
  })
  .describe('A run begins.');

const runFinished = z
  .object({
    type: z.literal('run'),
    state: z.literal('finished'),
    result: z.enum(['done', 'failed', 'interrupted']),
    changed: z.number().describe('Steps that changed something.'),
    unchanged: z.number().describe('Steps that found everything as it should be.'),
    ms: milliseconds,
  })
  .describe('A run ends.');

const stepHead = z.object({
  type: z.literal('step'),
  id: stepId,
  title: z.string().describe('What it does, imperative: "start the kubelet".'),
  phase: z.string().describe('The part of the run that it belongs to.'),
  host,
});

const step = [
  stepHead
    .extend({ state: z.enum(['checking', 'applying']) })
    .describe('A step looks at the real state (`checking`), or changes it (`applying`).'),
  stepHead
    .extend({ state: z.literal('drifted'), changes: z.array(change).readonly() })
    .describe('A step found differences. Under `plan` it ends here, otherwise `applying` follows.'),
  stepHead
    .extend({ state: z.literal('done'), result: z.enum(['unchanged', 'changed', 'read']), ms: milliseconds })
    .describe('A step came to a good end.'),
  stepHead.extend({ state: z.literal('failed'), error, ms: milliseconds }).describe('A step failed.'),
  stepHead
    .extend({ state: z.literal('skipped'), because: z.string().describe('The id of the step that failed.') })
    .describe('A step will not run, since one that it needs failed.'),
  stepHead
    .extend({
      state: z.literal('unknown'),
      because: z.string().describe('The id of the step whose output does not exist yet.'),
      ms: milliseconds,
    })
    .describe('Under `plan`: whether the step would change anything can be told only when an earlier one is done.'),
] as const;

const progress = z
  .object({
    type: z.literal('progress'),
    id: stepId,
    done: z.number(),
    total: z.number().optional().describe('Absent where it is not known.'),
    unit: z.enum(['bytes', 'items']),
    what: z.string().optional().describe("What is being worked on right now: a file's or a module's name."),
  })
  .describe('How far a step is.');

const output = z
  .object({
    type: z.literal('output'),
    id: stepId,
    host,
    stream: z.enum(['stdout', 'stderr']),
    line: z.string(),
  })
  .describe('One line that a command printed, secrets masked.');

const note = z
  .object({ type: z.literal('note'), level: z.enum(['info', 'warning']), text: z.string() })
  .describe('Something worth knowing: which source of artifacts was chosen, a lock taken over.');

const events = [runStarted, runFinished, ...step, progress, output, note] as const;

/** One event: the same as the type Event. */
export const eventSchema = z.union(events);

const result = z
  .object({
    type: z.literal('result'),
    verb: z.string(),
    result: z.unknown().describe('What the verb gives; its shape is the type of that name in the library.'),
  })
  .describe('The last line of a verb that did what it should; of `status --watch` each change.');

const failure = z.object({ type: z.literal('error'), error }).describe('The last line of a verb that failed.');

const lineHead = {
  v: z.literal(1).describe('The version of this format. Fields may be added to it; none is removed or changed.'),
  at: z.iso.datetime().describe('When, ISO 8601 in UTC.'),
};

/** What can stand on a line of `--output json`, each with its version and time; the journal has the events only. */
export const LINE_SCHEMAS = [...events, result, failure].map((schema) => {
  const line = z.object({ ...lineHead, ...schema.shape });
  return schema.description === undefined ? line : line.describe(schema.description);
});

/** The JSON Schema (draft 2020-12) of one line: schema/events.v1.json is made from it. */
export function eventJsonSchema(): z.core.JSONSchema.BaseSchema {
  // `input`: fields that a later version adds are no reason to refuse a line.
  const schema = z.toJSONSchema(z.union(LINE_SCHEMAS), { io: 'input', target: 'draft-2020-12' });
  return { $id: EVENT_SCHEMA_URL, title: 'A line of `kubewright --output json`', ...schema };
}
