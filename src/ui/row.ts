import { clockTime, count } from './amounts.js';
import { progressText } from './progress.js';
import { cut, inColumns, widthOf } from './text.js';
import type { Theme } from './theme.js';
import type { HostView } from './view.js';

/** How a host is doing, in one word. */
export function stateOf(host: HostView): 'failed' | 'running' | 'waiting' | 'skipped' | 'done' {
  if (host.failed !== undefined) return 'failed';
  if (host.running.length > 0) return 'running';
  if (host.total === undefined || host.ended < host.total) return 'waiting';
  return host.skipped > 0 ? 'skipped' : 'done';
}

/** Widths of a row's columns; 0 where there is no room for one. */
export interface RowLayout {
  readonly name: number;
  readonly role: number;
  readonly title: number;
  readonly time: number;
  /** For how far the step is, and what it printed last. */
  readonly rest: number;
}

const TIME = 7;
const GAP = '  ';
/** Less than this left for the step, and the role gives way. */
const ROOM_FOR_STEP = 58;
/** Less than this, and the step's title is all there is room for. */
const NARROW = 24;

/** Lays out rows for these hosts, so wide together. */
export function rowLayout(hosts: readonly HostView[], width: number): RowLayout {
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map(widthOf));
  const name = Math.min(widest(hosts.map((host) => host.name)), 30, Math.floor(width / 3));
  const wanted = Math.min(widest(hosts.map((host) => host.role)), 22);
  const room = width - 2 - name - GAP.length;
  const role = wanted > 0 && room - wanted - GAP.length >= ROOM_FOR_STEP ? wanted : 0;
  if (room < NARROW) return { name, role: 0, title: Math.max(0, room), time: 0, rest: 0 };
  const forStep = room - (role === 0 ? 0 : role + GAP.length) - TIME - 2 * GAP.length;
  const title = Math.min(56, Math.floor(forStep * 0.55));
  return { name, role, title, time: TIME, rest: forStep - title };
}

/** "● workers-1  worker  import images      12s  ━━━━──── 54%  unpacking kube-proxy" */
export function rowFor(
  host: HostView,
  layout: RowLayout,
  canvas: { readonly theme: Theme; readonly now: number },
): string {
  const { paint, marks } = canvas.theme;
  const state = stateOf(host);
  const colour = COLOUR[state];
  const head = [
    `${paint[colour](marks[state])} ${inColumns(host.name, layout.name, marks.ellipsis)}`,
    ...(layout.role === 0 ? [] : [paint.dim(inColumns(host.role, layout.role, marks.ellipsis))]),
  ].join(GAP);
  const [step, ...others] = host.running;
  if (step === undefined) {
    const text = cut(wordsFor(host), layout.title + layout.time + layout.rest, marks.ellipsis);
    return head + GAP + paint[state === 'failed' ? 'red' : 'dim'](text);
  }
  const more = others.length === 0 ? '' : ` +${others.length}`;
  if (layout.time === 0) return head + GAP + cut(step.title, layout.title, marks.ellipsis);
  const words = cut(step.title, layout.title - more.length, marks.ellipsis);
  const title = words + paint.dim(more) + ' '.repeat(Math.max(0, layout.title - widthOf(words) - more.length));
  const time = clockTime(canvas.now - step.startedAt).padStart(layout.time);
  const { progress, line = '' } = step;
  const rest =
    progress === undefined
      ? paint.dim(cut(line, layout.rest, marks.ellipsis))
      : progressText(progress, line, layout.rest, canvas.theme);
  return [head, title, time, rest].join(GAP).trimEnd();
}

const COLOUR = { failed: 'red', running: 'cyan', waiting: 'dim', skipped: 'yellow', done: 'green' } as const;

function wordsFor(host: HostView): string {
  switch (stateOf(host)) {
    case 'failed':
      return `failed: ${host.failed}`;
    case 'skipped':
      return `${count(host.skipped, 'step')} skipped`;
    case 'done':
      return 'done';
    default:
      return host.ended === 0 ? 'waiting' : `waiting, ${host.ended} of ${count(host.total ?? host.ended, 'step')} done`;
  }
}
