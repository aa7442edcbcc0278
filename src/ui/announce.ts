import { duration } from '../core/duration.js';
import { count } from './amounts.js';
import { errorLines } from './errors.js';
import { clean, inColumns, wrap } from './text.js';
import type { Theme } from './theme.js';
import type { Announcement } from './view.js';

/** The lines that stay above the live view: what was finished, failed or is worth knowing. */
export function announce(said: Announcement, width: number, theme: Theme): readonly string[] {
  switch (said.kind) {
    case 'phase':
      return [phaseLine(said, width, theme)];
    case 'failure':
      return failureLines(said, width, theme);
    case 'note':
      return noteLines(said, width, theme);
    case 'output':
      return [theme.paint.dim(`${inColumns(said.host ?? 'this machine', 16, '')} ${theme.marks.edge} `) + said.line];
    case 'end':
      return endLines(said, theme);
  }
}

const ROOM_FOR_COLUMNS = 66;

/** "✓ machines        3 hosts       4.2 s  3 changed" */
function phaseLine(phase: Announcement & { readonly kind: 'phase' }, width: number, { paint, marks }: Theme): string {
  const { name, hosts, ms, changed, drifted, failed, skipped, unknown } = phase;
  const [mark, colour] =
    failed > 0
      ? ([marks.failed, 'red'] as const)
      : skipped > 0
        ? ([marks.skipped, 'yellow'] as const)
        : ([marks.done, 'green'] as const);
  const counts = [
    [changed, 'changed'],
    [drifted, 'to change'],
    [unknown, 'not known yet'],
    [failed, 'failed'],
    [skipped, 'skipped'],
  ] as const;
  const words = counts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  const what = paint.dim(words.length === 0 ? 'unchanged' : words.join(', '));
  const where = hosts === 0 ? 'this machine' : count(hosts, 'host');
  const sign = paint[colour](mark);
  if (width < ROOM_FOR_COLUMNS) return `${sign} ${name}  ${duration(ms)}  ${what}`;
  return [
    `${sign} ${inColumns(name, 14, marks.ellipsis)}`,
    inColumns(where, 12, ''),
    duration(ms).padStart(10),
    what,
  ].join('  ');
}

function failureLines(
  { error, ms }: Announcement & { readonly kind: 'failure' },
  width: number,
  theme: Theme,
): readonly string[] {
  if (error.code === 'interrupted') {
    const place = [error.host, error.step].filter((part) => part !== undefined).join(` ${theme.marks.dot} `);
    return [`${theme.paint.yellow(theme.marks.skipped)} ${clean(place)} ${theme.paint.dim('interrupted')}`];
  }
  return ['', ...errorLines(error, { theme, width, after: `failed after ${duration(ms)}` })];
}

function noteLines(
  { level, text }: Announcement & { readonly kind: 'note' },
  width: number,
  { paint, marks }: Theme,
): readonly string[] {
  const mark = level === 'warning' ? paint.yellow(marks.warning) : paint.dim(marks.dot);
  const lines = text.split('\n').flatMap((line) => wrap(clean(line), width - 2));
  return lines.map((line, at) => `${at === 0 ? mark : ' '} ${level === 'warning' ? line : paint.dim(line)}`);
}

/** How a run ended that did not end well. Of one that did, the verb's own result tells more. */
function endLines(end: Announcement & { readonly kind: 'end' }, { paint, marks }: Theme): readonly string[] {
  if (end.result === 'done') return [];
  const isFailed = end.result === 'failed';
  const mark = isFailed ? paint.red(marks.failed) : paint.yellow(marks.skipped);
  return [`${mark} ${paint.bold(`${end.verb} ${end.cluster}`)} ${end.result}: ${endCounts(end)}`];
}

/** "2 failed, 5 skipped, 30 changed, 4 unchanged, 1 not begun, after 1 min 4 s" */
export function endCounts(end: Announcement & { readonly kind: 'end' }): string {
  const counts = [
    [end.failed, 'failed'],
    [end.skipped, 'skipped'],
    [end.changed, 'changed'],
    [end.unchanged, 'unchanged'],
    [end.left, 'not begun'],
  ] as const;
  const words = counts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return [...words, `after ${duration(end.ms)}`].join(', ');
}
