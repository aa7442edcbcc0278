import { type Clock, systemClock } from '../core/clock.js';
import { duration } from '../core/duration.js';
import type { Event, StepEvent } from '../core/events.js';
import type { Change } from '../core/step.js';
import { count } from './amounts.js';
import { endCounts } from './announce.js';
import { errorLines } from './errors.js';
import { type OutputStream, outputTo } from './output.js';
import type { Reporter, ReporterOptions } from './reporter.js';
import { watchSilence } from './silence.js';
import { clean, inColumns, widthOf } from './text.js';
import type { Theme } from './theme.js';
import { createTracker } from './tracker.js';
import type { Announcement, View } from './view.js';

/** How lines are made. The times are for tests. */
export interface LinesOptions {
  readonly stream: OutputStream;
  readonly verbosity: ReporterOptions['verbosity'];
  readonly theme: Theme;
  readonly clock?: Clock | undefined;
  /** The time of day that a line begins with. Default: that of this machine, "14:02:05". */
  readonly timeOfDay?: (() => string) | undefined;
}

/** A step that says nothing for so long is asked after: there is never a silent minute. */
const SILENCE_MS = 20_000;
const HERE = 'this machine';

/**
 * For where no live view can be: one line a change of state, with the time, the host, the step and how long it
 * took; errors whole. Verbose: also each line that a command prints; quiet: failures only.
 */
export function createLinesReporter(options: LinesOptions): Reporter {
  const { stream, verbosity, theme, clock = systemClock, timeOfDay = localTime } = options;
  const output = outputTo(stream);
  const tracker = createTracker();
  const silence = watchSilence(SILENCE_MS);
  const drifted = new Set<string>();
  const width = stream.columns ?? 100;
  const say = (host: string | undefined, text: string) => {
    output.write(
      `${theme.paint.dim(timeOfDay())}  ${inColumns(host ?? HERE, hostColumns(tracker.view), '')}  ${text}\n`,
    );
  };

  let cancelTick = () => {};
  const tick = () => {
    for (const { host, text } of silence.due(tracker.view, clock.now())) say(host, text);
    schedule();
  };
  const schedule = () => {
    cancelTick = clock.after(1000, tick);
  };
  if (verbosity !== 'quiet') schedule();

  const sayStep = (event: StepEvent) => {
    if (verbosity === 'quiet' && event.state !== 'failed') return;
    if (verbosity !== 'verbose' && event.state === 'checking') return;
    // That it differs was said just now, and that it is changed follows.
    if (event.state === 'applying' && drifted.delete(event.id)) return;
    if (event.state === 'drifted') drifted.add(event.id);
    silence.heard(event.id, clock.now());
    say(event.host, stepText(event, theme));
    if (event.state !== 'failed') return;
    const error = { ...event.error, host: event.error.host ?? event.host, step: event.error.step ?? event.title };
    // Host and step stand in the line above.
    for (const line of errorLines(error, { theme, width }).slice(1)) output.write(`${line}\n`);
  };
  const sayAnnouncement = (said: Announcement) => {
    if (verbosity === 'quiet') return;
    if (said.kind === 'output' && verbosity === 'verbose') say(said.host, theme.paint.dim(`| ${said.line}`));
    if (said.kind === 'note') {
      for (const line of said.text.split('\n')) say('', `${said.level === 'warning' ? 'warning: ' : ''}${clean(line)}`);
    }
    if (said.kind === 'end') say('', `${said.verb} ${said.cluster} ${said.result}: ${endCounts(said)}`);
  };

  return {
    emit(event) {
      if (event.type === 'output' && verbosity === 'verbose') silence.heard(event.id, clock.now());
      const announcements = tracker.apply(event, clock.now());
      // Before what it brings about: a step ends, and with it its phase.
      if (event.type === 'step') sayStep(event);
      else if (event.type === 'run' && event.state === 'started' && verbosity !== 'quiet') say('', startText(event));
      for (const said of announcements) sayAnnouncement(said);
    },
    // Lines are whole when they are written: a question may stand between any two.
    suspend: () => () => {},
    async close() {
      cancelTick();
      await output.flush();
    },
  };
}

function hostColumns({ hosts }: View): number {
  return Math.min(30, Math.max(widthOf(HERE), ...hosts.map(({ name }) => widthOf(name))));
}

function startText({
  verb,
  cluster,
  hosts,
  steps,
}: Event & { readonly type: 'run'; readonly state: 'started' }): string {
  return `${verb} ${cluster}: ${count(hosts.length, 'host')}, ${count(steps, 'step')}`;
}

function stepText(event: StepEvent, { paint, marks }: Theme): string {
  const { title } = event;
  switch (event.state) {
    case 'checking':
      return `${title}: looking`;
    case 'applying':
      return `${title}: begun`;
    case 'drifted':
      return `${title}: ${count(event.changes.length, 'change')}${changesText(event.changes)}`;
    case 'done':
      return `${paint.green(marks.done)} ${title}: ${event.result}, ${duration(event.ms)}`;
    case 'failed':
      return `${paint.red(marks.failed)} ${title}: failed after ${duration(event.ms)}`;
    case 'skipped':
      return `${paint.yellow(marks.skipped)} ${title}: skipped, since ${event.because} failed`;
    case 'unknown':
      return `? ${title}: can be told when ${event.because} is done`;
  }
}

/** ": /etc/containerd/config.toml, containerd.service and 10 more" */
function changesText(changes: readonly Change[]): string {
  const named = changes.slice(0, 2).map(({ what }) => clean(what));
  const more = changes.length > named.length ? ` and ${changes.length - named.length} more` : '';
  return named.length === 0 ? '' : `: ${named.join(', ')}${more}`;
}

function localTime(): string {
  return new Date().toTimeString().slice(0, 8);
}
