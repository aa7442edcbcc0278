import type { SerializedError } from './errors.js';
import type { Change } from './step.js';

/**
 * Everything that a run says, as data. The scheduler and the steps emit events; the live view, the
 * plain lines, NDJSON and the journal only read them. Nothing else prints.
 */
export type Event = RunEvent | StepEvent | ProgressEvent | OutputEvent | NoteEvent;

/** A run of one verb begins or ends. */
export type RunEvent =
  | {
      readonly type: 'run';
      readonly state: 'started';
      readonly verb: string;
      readonly cluster: string;
      /** Rows of the live view, in order. `steps`: how many this host has. */
      readonly hosts: readonly {
        readonly name: string;
        readonly role: string;
        readonly steps?: number | undefined;
      }[];
      readonly steps: number;
      /** How many steps each phase has, so that its end can be told; in order of first appearance. */
      readonly phases?: readonly { readonly name: string; readonly steps: number }[] | undefined;
    }
  | {
      readonly type: 'run';
      readonly state: 'finished';
      readonly result: 'done' | 'failed' | 'interrupted';
      readonly changed: number;
      readonly unchanged: number;
      readonly ms: number;
    };

/**
 * A step changes state. `drifted` is where a step ends under `plan`; otherwise `applying` follows, unless the
 * run was stopped in between. `host` is absent for work on the operator's own machine.
 */
export type StepEvent = {
  readonly type: 'step';
  readonly id: string;
  readonly title: string;
  readonly phase: string;
  readonly host?: string | undefined;
} & (
  | { readonly state: 'checking' | 'applying' }
  | { readonly state: 'drifted'; readonly changes: readonly Change[] }
  | { readonly state: 'done'; readonly result: 'unchanged' | 'changed' | 'read'; readonly ms: number }
  | { readonly state: 'failed'; readonly error: SerializedError; readonly ms: number }
  /** `because`: the id of the step that failed. */
  | { readonly state: 'skipped'; readonly because: string }
  /** Under `plan` only. `because`: the id of the step whose output does not exist yet. */
  | { readonly state: 'unknown'; readonly because: string; readonly ms: number }
);

/** How far a step is: bytes of a download, modules of a build, nodes that are Ready. */
export interface ProgressEvent {
  readonly type: 'progress';
  readonly id: string;
  readonly done: number;
  readonly total?: number | undefined;
  readonly unit: 'bytes' | 'items';
  /** What is being worked on right now: a file's or a module's name. */
  readonly what?: string | undefined;
}

/** One line that a command printed, secrets masked. */
export interface OutputEvent {
  readonly type: 'output';
  readonly id: string;
  readonly host?: string | undefined;
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

/** Something worth a permanent line: which source of artifacts was chosen and why, a lock taken over. */
export interface NoteEvent {
  readonly type: 'note';
  readonly level: 'info' | 'warning';
  readonly text: string;
}

export type Emit = (event: Event) => void;
