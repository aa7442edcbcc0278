import { type Clock, systemClock } from './clock.js';
import type { KubewrightError } from './errors.js';
import type { Emit } from './events.js';
import { buildGraph, type Graph } from './graph.js';
import type { GraphResult, StepOutcome } from './graph-result.js';
import { createInterruption } from './interruption.js';
import { createLimitPools, type LimitPools } from './limit-pools.js';
import { createOutputs, type Outputs } from './outputs.js';
import type { Step } from './step.js';
import { about, endEvent } from './step-events.js';
import { runStep, type StepEnd, type StepSurroundings } from './step-run.js';

/** How a graph is run. */
export interface GraphOptions {
  /** `plan` only looks: `apply` of no step is ever called. */
  readonly mode: 'plan' | 'apply';
  /** Sizes of the pools that steps name in `limits`: at most so many of them run at once. */
  readonly limits: Readonly<Record<string, number>>;
  /** Start nothing new, let what runs finish. */
  readonly stop: AbortSignal;
  /** End what runs; nothing new is started either. */
  readonly abort: AbortSignal;
  readonly emit: Emit;
  readonly clock?: Clock | undefined;
  /**
   * Milliseconds that an aborted step may take to end before it is left behind, so that the run still ends.
   * Default: 10 s, twice what a program gets between SIGTERM and SIGKILL.
   */
  readonly graceMs?: number | undefined;
}

/**
 * Runs steps as soon as all that they need is done: no phases, no barriers. A step that fails takes with it
 * only the steps that need it, not those that merely come after it; a stopped run starts nothing more. What a failed or interrupted run is like
 * stands in the result. Rejects only where the steps make no graph (`internal`), or where a reader of events
 * threw (then after the run's end: a view must not leave a change half-way).
 */
export async function runGraph(steps: readonly Step[], options: GraphOptions): Promise<GraphResult> {
  return await new GraphRun(steps, options).run();
}

/**
 * One run. A step goes this way; `unmet` counts what it still needs:
 *
 *     unmet > 0 ──▶ ready ──▶ (waits for a place in its pools) ──▶ running ──▶ ended
 *         └──▶ skipped, as soon as something that it needs has failed
 */
class GraphRun {
  readonly #graph: Graph;
  readonly #pools: LimitPools;
  readonly #unmet: number[];
  readonly #outcomes: StepOutcome[];
  readonly #outputs: Outputs;
  readonly #surroundings: StepSurroundings;
  readonly #clock: Clock;
  readonly #options: GraphOptions;
  readonly #interruption = createInterruption();
  readonly #readerErrors: unknown[] = [];
  #began = 0;
  #running = 0;
  #stopping = false;
  #end: () => void = () => {};

  constructor(steps: readonly Step[], options: GraphOptions) {
    const { mode, limits, clock = systemClock, graceMs = 10_000 } = options;
    this.#options = options;
    this.#clock = clock;
    this.#graph = buildGraph(steps);
    this.#pools = createLimitPools(steps, limits);
    this.#unmet = this.#graph.needs.map((needs, place) => needs.length + (this.#graph.after[place]?.length ?? 0));
    this.#outcomes = steps.map(() => NOT_STARTED);
    this.#outputs = createOutputs(mode);
    this.#surroundings = {
      ...{ mode, clock, graceMs },
      interruption: this.#interruption,
      emit: this.#emit,
      stopping: () => this.#stopping,
      output: this.#outputs.read,
      known: this.#outputs.known,
    };
  }

  async run(): Promise<GraphResult> {
    const { stop, abort } = this.#options;
    const unlisten = [onAbort(stop, () => this.#stop()), onAbort(abort, () => this.#abort())];
    try {
      await new Promise<void>((resolve) => {
        this.#end = resolve;
        this.#began = this.#clock.now();
        this.#offer([...this.#unmet.keys()].filter((place) => this.#unmet[place] === 0));
        if (this.#running === 0) resolve();
      });
    } finally {
      for (const off of unlisten) off();
    }
    if (this.#readerErrors.length > 0) throw this.#readerErrors[0];
    return this.#summary();
  }

  readonly #emit: Emit = (event) => {
    try {
      this.#options.emit(event);
    } catch (error) {
      this.#readerErrors.push(error);
    }
  };

  #stop(): void {
    this.#stopping = true;
    if (this.#running === 0) this.#end();
  }

  #abort(): void {
    this.#stop();
    this.#interruption.begin();
  }

  /** Starts those that find a place in their pools; the others wait there. */
  #offer(ready: readonly number[]): void {
    for (const place of ready) {
      if (!this.#stopping && this.#pools.take(place)) this.#start(place);
    }
  }

  #start(place: number): void {
    const step = this.#graph.steps[place];
    if (step === undefined) return;
    this.#running += 1;
    const startedAt = this.#clock.now();
    void runStep(step, this.#surroundings).then((end) => this.#settle(place, step, end, startedAt));
  }

  #settle(place: number, step: Step, end: StepEnd, startedAt: number): void {
    const ms = this.#clock.now() - startedAt;
    this.#running -= 1;
    this.#outcomes[place] = { ...outcomeOf(end), startedAt: startedAt - this.#began, ms };
    if ('output' in end) this.#outputs.set(step.id, end.output);
    this.#emit(endEvent(step, end, ms));
    const freed = this.#pools.release(place);
    if (!this.#stopping) for (const next of freed) this.#start(next);
    const dependants = this.#graph.dependants[place] ?? [];
    if (end.state !== 'failed') this.#meet([...dependants, ...(this.#graph.followers[place] ?? [])]);
    else if (!this.#isInterruption(end)) this.#fail(place, step.id, end.error);
    if (this.#running === 0) this.#end();
  }

  /** Counts one wait of each of these steps as over, and starts those that waited for nothing else. */
  #meet(waiting: readonly number[]): void {
    const ready: number[] = [];
    for (const place of waiting) {
      const left = (this.#unmet[place] ?? 0) - 1;
      this.#unmet[place] = left;
      if (left === 0 && this.#outcomes[place] === NOT_STARTED) ready.push(place);
    }
    this.#offer(ready);
  }

  /** Skips all that needs the failed step, and lets go on what only came after it or after one of these. */
  #fail(failed: number, because: string, error: KubewrightError): void {
    const reached = [failed];
    const followers: number[] = [];
    // Grows while it is walked.
    for (const place of reached) {
      const step = this.#graph.steps[place];
      if (step === undefined) continue;
      this.#outputs.fail(step.id, error);
      followers.push(...(this.#graph.followers[place] ?? []));
      for (const dependant of this.#graph.dependants[place] ?? []) {
        const skipped = this.#graph.steps[dependant];
        if (skipped === undefined || this.#outcomes[dependant]?.state === 'skipped') continue;
        this.#outcomes[dependant] = { state: 'skipped', changes: [], because, ms: 0 };
        this.#emit({ ...about(skipped), state: 'skipped', because });
        reached.push(dependant);
      }
    }
    this.#meet(followers);
  }

  /** Of a run that is being stopped, `interrupted` is no failure of the step. */
  #isInterruption({ error }: Pick<StepOutcome, 'error'>): boolean {
    return this.#stopping && error?.code === 'interrupted';
  }

  #summary(): GraphResult {
    const outcomes = this.#outcomes;
    const count = (state: StepOutcome['state']) => outcomes.filter((outcome) => outcome.state === state).length;
    const unfinished = outcomes.some(
      (outcome) =>
        outcome.state === 'not-started' ||
        this.#isInterruption(outcome) ||
        (outcome.state === 'drifted' && this.#options.mode === 'apply'),
    );
    return {
      result: unfinished ? 'interrupted' : count('failed') > 0 ? 'failed' : 'done',
      outcomes: new Map(this.#graph.steps.map(({ id }, place) => [id, outcomes[place] ?? NOT_STARTED])),
      changed: count('changed'),
      unchanged: count('unchanged'),
      ms: this.#clock.now() - this.#began,
      output: this.#outputs.get,
    };
  }
}

const NOT_STARTED: StepOutcome = { state: 'not-started', changes: [], ms: 0 };

function outcomeOf(end: StepEnd): Pick<StepOutcome, 'state' | 'changes' | 'error' | 'because'> {
  return {
    state: end.state,
    changes: 'changes' in end ? end.changes : [],
    ...('error' in end ? { error: end.error } : {}),
    ...('because' in end ? { because: end.because } : {}),
  };
}

/** Calls back when the signal aborts, at once if it has; the returned function ends that. */
function onAbort(signal: AbortSignal, run: () => void): () => void {
  if (signal.aborted) run();
  signal.addEventListener('abort', run);
  return () => signal.removeEventListener('abort', run);
}
