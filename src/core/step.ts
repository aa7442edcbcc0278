import type { KubewrightError } from './errors.js';
import type { Emit } from './events.js';

/**
 * The one thing that the scheduler knows. A `read` step looks at something and may run at any time,
 * also under `plan`. A `change` step looks first (`check`), acts only where the state differs (`apply`)
 * and, where it can, looks again (`verify`).
 *
 * `id` is "<host>/<name>" or "<name>" for the operator's own machine; `needs` are ids that must be done
 * before, `after` ids that must have ended, however they did; `limits` names the pools of the scheduler that the
 * step takes one place of.
 */
export type Step<Output = unknown> = ReadStep<Output> | ChangeStep<Output>;

export interface StepHead<Output> extends StepRef<Output> {
  /** Imperative, lower case: "write containerd's configuration". */
  readonly title: string;
  readonly phase: string;
  readonly host?: string | undefined;
  readonly needs: readonly string[];
  /** Steps that are waited for and whose failure does not matter: `known` tells what became of them. */
  readonly after?: readonly string[] | undefined;
  readonly limits?: readonly string[] | undefined;
  /** Deadline of `apply` (and, separately, of `check`) in milliseconds. */
  readonly timeoutMs: number;
}

export interface ReadStep<Output = unknown> extends StepHead<Output> {
  readonly kind: 'read';
  read(context: StepContext): Promise<Output>;
}

export interface ChangeStep<Output = unknown> extends StepHead<Output> {
  readonly kind: 'change';
  check(context: StepContext): Verdict<Output> | Promise<Verdict<Output>>;
  apply(context: StepContext, changes: readonly Change[]): Promise<Output>;
  /** Looks at the real state after `apply` and throws where it is not as claimed. */
  verify?(context: StepContext, output: Output): Promise<void>;
}

/** What a step found. `output` of a current step is what its dependants read, as if it had been applied. */
export type Verdict<Output> =
  | { readonly kind: 'current'; readonly output: Output; readonly why?: string | undefined }
  | { readonly kind: 'drifted'; readonly changes: readonly Change[] };

/** One difference between what is and what shall be. */
export interface Change {
  readonly action: 'create' | 'update' | 'delete' | 'run';
  /** What it is about: a path, a unit, a machine, "node workers-2". */
  readonly what: string;
  /** Why, in a few words: "missing", "content differs", "not running". */
  readonly why?: string | undefined;
  /** A unified diff of a file's content, secrets masked. */
  readonly diff?: string | undefined;
  /** True when running workloads are disturbed by it. */
  readonly disruptive?: boolean | undefined;
}

/** Names a step and carries the type of its output. A step is its own ref. */
export interface StepRef<Output> {
  readonly id: string;
  /** Never set: ties the output's type to the ref. */
  readonly _output?: Output;
}

/**
 * What became of a step. `unknown` only under `plan`: it would change something, so its output does not exist yet;
 * `failed` also where it was skipped (`error` is then why the step failed that it needed).
 */
export type Known<Output> =
  | { readonly kind: 'output'; readonly output: Output }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed'; readonly error: KubewrightError };

export interface StepContext {
  readonly mode: 'plan' | 'apply';
  /** Aborted by a second Ctrl-C or by the step's deadline. */
  readonly signal: AbortSignal;
  readonly emit: Emit;
  /** The output of a step in `needs`. Under `plan`, of a step that would change something, it does not exist: the asking step's verdict becomes unknown. */
  output<Output>(ref: StepRef<Output>): Output;
  /** What became of a step in `needs` or `after`. */
  known<Output>(ref: StepRef<Output>): Known<Output>;
  /** Shows a line of output under this step. */
  line(text: string, stream?: 'stdout' | 'stderr'): void;
  progress(done: number, total: number | undefined, unit: 'bytes' | 'items', what?: string): void;
}
