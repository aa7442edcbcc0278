import { bytes, bytesOf } from './amounts.js';
import { cut } from './text.js';
import type { Theme } from './theme.js';
import type { ProgressView } from './view.js';

/** "3 of 7", "120 of 352 MB", "14 MB" */
export function amountOf({ done, total, unit }: ProgressView): string {
  if (unit === 'bytes') return total === undefined ? bytes(done) : bytesOf(done, total);
  return total === undefined ? `${done}` : `${done} of ${total}`;
}

/** "━━━━━━────── 54%  3 of 7  kube-proxy" in so many columns; `line` stands in where it is not said what is worked on. */
export function progressText(progress: ProgressView, line: string, width: number, { paint, marks }: Theme): string {
  const { done, total, what = line } = progress;
  const words = [amountOf(progress), what].filter((word) => word !== '').join('  ');
  if (total === undefined || total <= 0) return paint.dim(cut(words, width, marks.ellipsis));
  const share = Math.min(1, Math.max(0, done / total));
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const filled = Math.floor(share * BAR);
  const bar = `${paint.cyan(marks.bar.repeat(filled))}${paint.dim(marks.barRest.repeat(BAR - filled))}`;
  const isWide = width >= ROOM_FOR_BAR;
  const room = width - percent.length - 2 - (isWide ? BAR : 0);
  return `${isWide ? bar : ''}${percent}  ${paint.dim(cut(words, room, marks.ellipsis))}`;
}

const BAR = 12;
const ROOM_FOR_BAR = 32;
