import type { Event, OutputEvent, ProgressEvent, RunEvent, StepEvent } from '../core/events.js';
import { createPhases, type Phases } from './phases.js';
import { clean } from './text.js';
import type { Announcement, HostView, ProgressView, StepView, View } from './view.js';

/**
 * Folds events into a view: the same events at the same times give the same view and announcements. The view is
 * one and the same object for the whole run, changed in place: a step may print a hundred thousand lines, and a
 * copy of a thousand hosts for each would be felt.
 */
export interface Tracker {
  readonly view: View;
  /** Takes what happened at that time (milliseconds of the clock that the view is drawn by). */
  apply(event: Event, at: number): readonly Announcement[];
}

/** A tracker that has seen nothing. */
export function createTracker(): Tracker {
  const view = new LiveView();
  return { view, apply: (event, at) => view.apply(event, at) };
}

type Started = Extract<RunEvent, { state: 'started' }>;
type Finished = Extract<RunEvent, { state: 'finished' }>;

class LiveView implements View {
  run: View['run'];
  total = 0;
  ended = 0;
  readonly hosts: LiveHost[] = [];
  here: LiveHost | undefined;
  readonly #hosts = new Map<string, LiveHost>();
  readonly #running = new Map<string, LiveStep>();
  #phases: Phases = createPhases([]);
  #failed = 0;
  #skipped = 0;
  /** A step that was found to differ: goes on if `applying` is the very next event, else that was its end. */
  #drifted: { readonly event: StepEvent; readonly at: number } | undefined;

  apply(event: Event, at: number): readonly Announcement[] {
    const before = this.#settleDrift(event);
    const now = this.#take(event, at);
    return before.length === 0 ? now : [...before, ...now];
  }

  #take(event: Event, at: number): readonly Announcement[] {
    switch (event.type) {
      case 'run':
        return event.state === 'started' ? this.#begin(event, at) : this.#finish(event);
      case 'step':
        return this.#step(event, at);
      case 'progress':
        return this.#progress(event);
      case 'output':
        return this.#output(event);
      case 'note':
        return [{ kind: 'note', level: event.level, text: event.text }];
    }
  }

  #begin({ verb, cluster, hosts, steps, phases = [] }: Started, at: number): readonly Announcement[] {
    this.run = { verb, cluster, startedAt: at };
    this.total += steps;
    this.#phases = createPhases(phases);
    for (const { name, role, steps: total } of hosts) {
      const host = this.#host(name);
      host.role = role;
      host.total = total;
    }
    return [];
  }

  #finish({ result, ms, changed, unchanged }: Finished): readonly Announcement[] {
    const { verb = '', cluster = '' } = this.run ?? {};
    const left = Math.max(0, this.total - this.ended);
    const counts = { changed, unchanged, failed: this.#failed, skipped: this.#skipped, left };
    return [...this.#phases.rest(), { kind: 'end', verb, cluster, result, ms, ...counts }];
  }

  #step(event: StepEvent, at: number): readonly Announcement[] {
    if (event.state === 'drifted') {
      this.#drifted = { event, at };
      return [];
    }
    if (event.state === 'checking' || event.state === 'applying') {
      if (!this.#running.has(event.id)) this.#start(event, at);
      return [];
    }
    const closed = this.#end(event, at);
    if (event.state !== 'failed') return closed;
    this.#failed += 1;
    return [{ kind: 'failure', error: withPlace(event), ms: event.ms }, ...closed];
  }

  #settleDrift(next: Event): readonly Announcement[] {
    const drifted = this.#drifted;
    this.#drifted = undefined;
    if (drifted === undefined) return [];
    if (next.type === 'step' && next.state === 'applying' && next.id === drifted.event.id) return [];
    return this.#end(drifted.event, drifted.at);
  }

  #start({ id, title, phase, host: name }: StepEvent, at: number): void {
    const step: LiveStep = { id, title, startedAt: at };
    this.#running.set(id, step);
    this.#host(name).running.push(step);
    // What nobody announced comes on top.
    if (this.#phases.start(phase, name, at) === 'unannounced') this.total += 1;
  }

  #end(event: StepEvent, at: number): readonly Announcement[] {
    const { id, phase, host: name } = event;
    const host = this.#host(name);
    const step = this.#running.get(id);
    if (step !== undefined) {
      this.#running.delete(id);
      host.running.splice(host.running.indexOf(step), 1);
    }
    if (event.state === 'skipped') {
      host.skipped += 1;
      this.#skipped += 1;
    }
    if (event.state === 'failed') host.failed = event.title;
    host.ended += 1;
    this.ended += 1;
    this.total = Math.max(this.total, this.ended);
    return this.#phases.end(phase, event, at);
  }

  #progress({ id, done, total, unit, what }: ProgressEvent): readonly Announcement[] {
    const step = this.#running.get(id);
    if (step !== undefined) step.progress = { done, total, unit, what: what === undefined ? undefined : clean(what) };
    return [];
  }

  #output({ id, host, line }: OutputEvent): readonly Announcement[] {
    const text = clean(line);
    const step = this.#running.get(id);
    // An empty line tells nothing: what was said before it stays.
    if (step !== undefined && text !== '') step.line = text;
    return [{ kind: 'output', host, line: text }];
  }

  #host(name: string | undefined): LiveHost {
    if (name === undefined) {
      this.here ??= newHost('this machine');
      return this.here;
    }
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const host = newHost(name);
    this.#hosts.set(name, host);
    this.hosts.push(host);
    return host;
  }
}

interface LiveHost extends HostView {
  role: string;
  total?: number | undefined;
  ended: number;
  skipped: number;
  readonly running: LiveStep[];
  failed?: string | undefined;
}

interface LiveStep extends StepView {
  progress?: ProgressView | undefined;
  line?: string | undefined;
}

function newHost(name: string): LiveHost {
  return { name, role: '', ended: 0, skipped: 0, running: [] };
}

/** The error, saying where it happened even if whoever made it did not. */
function withPlace({ error, host, title }: StepEvent & { readonly state: 'failed' }) {
  return { ...error, host: error.host ?? host, step: error.step ?? title };
}
