import { clockTime, count } from './amounts.js';
import { rowFor, rowLayout, stateOf } from './row.js';
import { cut, widthOf } from './text.js';
import type { Theme } from './theme.js';
import type { HostView, View } from './view.js';

/** What a picture is drawn for: the terminal's size in columns and rows, and the time of the view's clock. */
export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly now: number;
  readonly theme: Theme;
}

/**
 * Draws a run as it stands: a line for the whole, a row for each host. Never wider or higher than fits without
 * scrolling; hosts that find no room are summed up, those that failed or run being shown first. Nothing before the
 * run has begun.
 */
export function drawFrame(view: View, canvas: Canvas): readonly string[] {
  if (view.run === undefined) return [];
  // A line in the last column would make some terminals wrap, one in the last row scroll.
  const width = canvas.columns - 1;
  const height = canvas.rows - 1;
  if (width < 20 || height < 2) return [overallLine(view, width, canvas)].slice(0, Math.max(0, height));
  const spaced = height >= 10;
  const room = height - (spaced ? 2 : 1);
  const rows = [...view.hosts, ...(isBusy(view.here) ? [view.here] : [])];
  const shown = rows.length <= room ? rows : mostTelling(rows, room - 1);
  const hidden = rows.filter((host) => !shown.includes(host));
  const layout = rowLayout(shown, width);
  return [
    ...(spaced ? [''] : []),
    overallLine(view, width, canvas),
    ...shown.map((host) => rowFor(host, layout, canvas)),
    ...(hidden.length > 0 ? [canvas.theme.paint.dim(summaryOf(hidden, width, canvas.theme))] : []),
  ];
}

/** "up demo  ━━━━━━──────  12 of 41 steps  1m 04s" */
function overallLine({ run, ended, total }: View, width: number, { now, theme }: Canvas): string {
  const { paint, marks } = theme;
  if (run === undefined) return '';
  const title = cut(`${run.verb} ${run.cluster}`, width, marks.ellipsis);
  const numbers = `${ended} of ${count(total, 'step')}  ${clockTime(now - run.startedAt)}`;
  const room = width - widthOf(title) - widthOf(numbers) - 4;
  if (room < 0) return paint.bold(title);
  const length = Math.min(room, 60);
  const filled = total === 0 ? 0 : Math.floor((length * Math.min(ended, total)) / total);
  const bar = paint.green(marks.bar.repeat(filled)) + paint.dim(marks.barRest.repeat(length - filled));
  return `${paint.bold(title)}  ${bar}  ${numbers}`;
}

function isBusy(here: HostView | undefined): here is HostView {
  return here !== undefined && (here.running.length > 0 || here.failed !== undefined);
}

/** As many as there is room for, in their own order; of equal ones the first. */
function mostTelling(rows: readonly HostView[], room: number): readonly HostView[] {
  const ranked = [...rows].sort((a, b) => RANK[stateOf(a)] - RANK[stateOf(b)]);
  const chosen = new Set(ranked.slice(0, Math.max(0, room)));
  return rows.filter((host) => chosen.has(host));
}

const RANK = { failed: 0, running: 1, waiting: 2, skipped: 3, done: 4 } as const;

/** "… and 41 more: 38 running, 3 waiting" */
function summaryOf(hidden: readonly HostView[], width: number, { marks }: Theme): string {
  const states = (Object.keys(RANK) as (keyof typeof RANK)[]).flatMap((state) => {
    const number = hidden.filter((host) => stateOf(host) === state).length;
    return number === 0 ? [] : [`${number} ${state}`];
  });
  return cut(`  ${marks.ellipsis} and ${hidden.length} more: ${states.join(', ')}`, width, marks.ellipsis);
}
