import type { SerializedError } from '../core/errors.js';

/** Everything that a picture of a run is drawn from. Times are milliseconds of one clock. */
export interface View {
  /** Absent before the run has begun. */
  readonly run?: { readonly verb: string; readonly cluster: string; readonly startedAt: number } | undefined;
  /** Steps of the run, and how many have come to an end. */
  readonly total: number;
  readonly ended: number;
  /** In the order of the run's beginning; hosts that only appear later follow. */
  readonly hosts: readonly HostView[];
  /** This machine; undefined until it has had a step. */
  readonly here: HostView | undefined;
}

/** One row. */
export interface HostView {
  readonly name: string;
  readonly role: string;
  /** Absent where it is not known beforehand. */
  readonly total?: number | undefined;
  readonly ended: number;
  readonly skipped: number;
  /** Steps that run, the longest running first. */
  readonly running: readonly StepView[];
  /** The title of the step that failed last. */
  readonly failed?: string | undefined;
}

/** A step that runs. */
export interface StepView {
  readonly id: string;
  readonly title: string;
  readonly startedAt: number;
  readonly progress?: ProgressView | undefined;
  /** The last line that it printed, clean. */
  readonly line?: string | undefined;
}

/** How far a step is. */
export interface ProgressView {
  readonly done: number;
  readonly total?: number | undefined;
  readonly unit: 'bytes' | 'items';
  readonly what?: string | undefined;
}

/** Something that is said once and stays: a line or more above the picture. */
export type Announcement =
  | {
      readonly kind: 'phase';
      readonly name: string;
      /** How many hosts took part; 0: only this machine. */
      readonly hosts: number;
      readonly ms: number;
      readonly changed: number;
      readonly drifted: number;
      readonly failed: number;
      readonly skipped: number;
      readonly unknown: number;
    }
  | { readonly kind: 'failure'; readonly error: SerializedError; readonly ms: number }
  | { readonly kind: 'note'; readonly level: 'info' | 'warning'; readonly text: string }
  | { readonly kind: 'output'; readonly host: string | undefined; readonly line: string }
  | {
      readonly kind: 'end';
      readonly verb: string;
      readonly cluster: string;
      readonly result: 'done' | 'failed' | 'interrupted';
      readonly ms: number;
      readonly changed: number;
      readonly unchanged: number;
      readonly failed: number;
      readonly skipped: number;
      /** Steps that were not begun. */
      readonly left: number;
    };
