import { onExit } from 'signal-exit';
import { type OutputStream, outputTo } from './output.js';
import { widthOf } from './text.js';

/** The last lines of a terminal, drawn over and over, with permanent lines scrolling away above them. */
export interface Window {
  /** Lines that stay. They come above the picture, at its next drawing. */
  print(lines: readonly string[]): void;
  /** Takes the picture away and gives the terminal up until the returned function is called. */
  suspend(): () => void;
  /** Takes the picture away for good; what was printed stays. */
  close(): void;
}

/** What is drawn where. */
export interface WindowOptions {
  readonly stream: OutputStream;
  /** The picture: lines narrower than `columns`, fewer than `rows`. */
  readonly draw: (columns: number, rows: number) => readonly string[];
  /** Calls back whenever it is time to draw; the returned function ends that. Default: every 80 ms, some 12 times a second. */
  readonly every?: ((run: () => void) => () => void) | undefined;
}

const ESC = '\u001b[';
/** Synchronized output (https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036): no half picture is ever seen. */
const BEGIN = `${ESC}?2026h`;
const END = `${ESC}?2026l`;
const HIDE_CURSOR = `${ESC}?25l`;
const SHOW_CURSOR = `${ESC}?25h`;
const CLEAR_LINE_REST = `${ESC}K`;
const CLEAR_BELOW = `${ESC}J`;

/**
 * Owns the end of a terminal until it is closed; the cursor comes back however the process ends. Between drawings
 * the cursor stands on the empty line below the picture: what a person types is echoed there, and terminals differ
 * in whether they wrap the cursor's own line when they become narrower.
 */
export function openWindow({ stream, draw, every = every80ms }: WindowOptions): Window {
  const output = outputTo(stream);
  let picture: readonly string[] = [];
  let drawnFor = 0;
  let waiting: string[] = [];
  let suspensions = 0;
  let isCursorHidden = false;

  const columns = () => stream.columns ?? 80;
  const cursor = (hide: boolean): string => {
    if (isCursorHidden === hide) return '';
    isCursorHidden = hide;
    return hide ? HIDE_CURSOR : SHOW_CURSOR;
  };
  /** From below the picture to its beginning. The terminal may have become narrower and have wrapped its lines. */
  const toBeginning = (): string => {
    const height = picture.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns())), 0);
    return height === 0 ? '' : `\r${ESC}${height}A`;
  };
  const redraw = () => {
    if (suspensions > 0) return;
    // A terminal at the end of a slow line gets fewer pictures, never older ones.
    if (output.isBehind && waiting.length === 0) return;
    const next = draw(columns(), stream.rows ?? 24);
    if (waiting.length === 0 && columns() === drawnFor && isSame(next, picture)) return;
    const beginning = toBeginning();
    const permanent = waiting.map((line) => `${line}\n`).join('');
    // Lines that take each other's places need no clearing beforehand, which could be seen as a flicker. After a
    // change of width they do: terminals remember which ones they wrapped, and would join them again.
    const clearing = waiting.length > 0 || columns() !== drawnFor ? CLEAR_BELOW : '';
    const lines = next.map((line) => `${line}${CLEAR_LINE_REST}\n`).join('');
    output.write(`${BEGIN}${beginning}${clearing}${permanent}${lines}${CLEAR_BELOW}${cursor(next.length > 0)}${END}`);
    picture = next;
    drawnFor = columns();
    waiting = [];
  };
  /** Nothing of the picture is left, what waits is printed, and the cursor is there. */
  const clear = () => {
    const permanent = waiting.map((line) => `${line}\n`).join('');
    const text = (picture.length > 0 ? toBeginning() + CLEAR_BELOW : '') + permanent + cursor(false);
    if (text !== '') output.write(text);
    picture = [];
    waiting = [];
  };
  const suspend = () => {
    suspensions += 1;
    clear();
    let isSuspending = true;
    return () => {
      if (isSuspending) suspensions -= 1;
      isSuspending = false;
      redraw();
    };
  };

  const stopDrawing = every(redraw);
  stream.on('resize', redraw);
  const stopListening = onExit(clear);
  const ignoreJobControl = onJobControl(suspend);
  return {
    print: (lines) => void waiting.push(...lines),
    suspend,
    close() {
      stopDrawing();
      stream.off('resize', redraw);
      stopListening();
      ignoreJobControl();
      clear();
    },
  };
}

function every80ms(run: () => void): () => void {
  const timer = setInterval(run, 80);
  // To be drawn is no reason to go on running.
  timer.unref();
  return () => clearInterval(timer);
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, at) => line === other[at]);
}

/** Ctrl-Z gives the shell a clean terminal, and drawing goes on only when the process does. */
function onJobControl(suspend: () => () => void): () => void {
  if (process.platform === 'win32') return () => {};
  let resume = () => {};
  const onSuspend = () => {
    resume = suspend();
    process.kill(process.pid, 'SIGSTOP');
  };
  const onContinue = () => resume();
  process.on('SIGTSTP', onSuspend);
  process.on('SIGCONT', onContinue);
  return () => {
    process.off('SIGTSTP', onSuspend);
    process.off('SIGCONT', onContinue);
  };
}
