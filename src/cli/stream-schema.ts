import * as z from 'zod';
import { ERROR_CODES, type ErrorCode } from '../core/error-codes.js';

/**
 * The lines of `--output json`, described once: schema/events.v1.json and docs/reference/events.md are
 * generated from it. The CLI itself never loads it; its test holds it together with core/events.ts.
 */
const errorCodes = Object.keys(ERROR_CODES).filter((code): code is ErrorCode => code in ERROR_CODES);

const error = z
  .strictObject({
    code: z.enum(errorCodes).describe('What kind of error it is: see the list of errors.'),
    message: z.string().describe('What happened, with the actual value.'),
    hint: z.string().optional().describe('What to do next.'),
    host: z.string().optional().describe('The host it happened on.'),
    step: z.string().optional().describe('The step it happened in.'),
    command: z.string().optional().describe('The command that failed, secrets masked.'),
    output: z.array(z.string()).readonly().optional().describe('The last lines that the command printed.'),
  })
  .readonly();

const change = z
  .strictObject({
    action: z.enum(['create', 'update', 'delete', 'run']),
    what: z.string().describe('What it is about: a path, a unit, a machine.'),
    why: z.string().optional().describe('Why, in a few words.'),
    diff: z.string().optional().describe('A unified diff of a file, secrets masked.'),
    disruptive: z.boolean().optional().describe('True when running workloads are disturbed by it.'),
  })
  .readonly();

const milliseconds = z.number().nonnegative().describe('How long it took, in milliseconds.');

const step = {
  type: z.literal('step'),
  id: z.string().describe('Unique in a run: HOST/NAME, or NAME for work on this machine.'),
  title: z.string().describe('What it does: imperative, lower case.'),
  phase: z.string().describe('The part of the run that it belongs to.'),
  host: z.string().optional().describe('The host; absent for work on this machine.'),
};

const host = z
  .strictObject({
    name: z.string(),
    role: z.string(),
    steps: z.number().int().nonnegative().optional().describe('How many steps this host has.'),
  })
  .readonly();

const phase = z.strictObject({ name: z.string(), steps: z.number().int().nonnegative() }).readonly();

/** Each kind of line, with what it says. */
export const STREAM_LINES = {
  'run started': z
    .strictObject({
      type: z.literal('run'),
      state: z.literal('started'),
      verb: z.string(),
      cluster: z.string(),
      hosts: z.array(host).readonly().describe('The hosts that the run is about.'),
      steps: z.number().int().nonnegative().describe('How many steps there are.'),
      phases: z
        .array(phase)
        .readonly()
        .optional()
        .describe('How many steps each phase has, in order of first appearance.'),
    })
    .readonly()
    .describe('A run begins.'),
  'run finished': z
    .strictObject({
      type: z.literal('run'),
      state: z.literal('finished'),
      result: z.enum(['done', 'failed', 'interrupted']),
      changed: z.number().int().nonnegative().describe('Steps that changed something.'),
      unchanged: z.number().int().nonnegative().describe('Steps that found nothing to do.'),
      ms: milliseconds,
    })
    .readonly()
    .describe('A run has ended.'),
  'step checking or applying': z
    .strictObject({ ...step, state: z.enum(['checking', 'applying']) })
    .readonly()
    .describe('A step looks at the real state, or changes it.'),
  'step drifted': z
    .strictObject({ ...step, state: z.literal('drifted'), changes: z.array(change).readonly() })
    .readonly()
    .describe('A step found differences.'),
  'step done': z
    .strictObject({
      ...step,
      state: z.literal('done'),
      result: z.enum(['unchanged', 'changed', 'read']),
      ms: milliseconds,
    })
    .readonly()
    .describe('A step is done.'),
  'step failed': z
    .strictObject({ ...step, state: z.literal('failed'), error, ms: milliseconds })
    .readonly()
    .describe('A step failed.'),
  'step skipped': z
    .strictObject({
      ...step,
      state: z.literal('skipped'),
      because: z.string().describe('The id of the step that failed.'),
    })
    .readonly()
    .describe('A step was left out because of another one.'),
  'step unknown': z
    .strictObject({
      ...step,
      state: z.literal('unknown'),
      because: z.string().describe('The id of the step whose output does not exist yet.'),
      ms: milliseconds,
    })
    .readonly()
    .describe('`plan` only: what the step would do can be told only when an earlier one has been done.'),
  progress: z
    .strictObject({
      type: z.literal('progress'),
      id: z.string().describe('The id of the step.'),
      done: z.number().nonnegative(),
      total: z.number().nonnegative().optional().describe('Absent where it is not known.'),
      unit: z.enum(['bytes', 'items']),
      what: z.string().optional().describe('What is being worked on: the name of a file or a module.'),
    })
    .readonly()
    .describe('How far a step is.'),
  output: z
    .strictObject({
      type: z.literal('output'),
      id: z.string().describe('The id of the step.'),
      host: z.string().optional(),
      stream: z.enum(['stdout', 'stderr']),
      line: z.string().describe('One line, secrets masked.'),
    })
    .readonly()
    .describe('A command on a host printed a line.'),
  note: z
    .strictObject({ type: z.literal('note'), level: z.enum(['info', 'warning']), text: z.string() })
    .readonly()
    .describe('Something worth knowing: which source was chosen and why, say.'),
  result: z
    .strictObject({
      type: z.literal('result'),
      verb: z.string(),
      result: z.unknown().describe('What the operation gave back: the type NAMEResult of the library.'),
    })
    .readonly()
    .describe('The last line of a verb that came to its end.'),
  error: z
    .strictObject({ type: z.literal('error'), error })
    .readonly()
    .describe('The last line of a verb that failed.'),
} as const;

/** Any line of the stream. */
export const streamLine = z.union(Object.values(STREAM_LINES));

/** Any line of `--output json`. */
export type StreamLine = z.output<typeof streamLine>;
