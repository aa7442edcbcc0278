import { encodeLine } from '../core/event-line.js';
import type { Event } from '../core/events.js';
import type { StatusResult } from '../operations/results.js';
import { fitBlocks } from '../ui/fit-blocks.js';
import { createLinesReporter } from '../ui/lines.js';
import { outputTo } from '../ui/output.js';
import type { Reporter } from '../ui/reporter.js';
import { cutColoured } from '../ui/text.js';
import { createPaint, themeFor, wantsColour } from '../ui/theme.js';
import { openWindow } from '../ui/window.js';
import { printStatus, statusBlocks } from './print/status.js';
import type { Terminal } from './terminal.js';

/** Shows a status that is looked at over and over, and what is said meanwhile. */
export interface WatchView extends Reporter {
  show(result: StatusResult): void;
}

export interface WatchViewOptions {
  readonly terminal: Pick<Terminal, 'stdout' | 'stderr' | 'env'>;
  readonly json: boolean;
  /** Seconds between looks. */
  readonly interval: number;
  readonly now?: (() => number) | undefined;
  /** As of ui/window.ts. */
  readonly every?: ((run: () => void) => () => void) | undefined;
}

/**
 * On a terminal a picture that is redrawn in place, whose last state stays when it is over; elsewhere a block each time
 * that something changed, after a line with the time; as JSON one result a line each time that something changed.
 */
export function createWatchView(options: WatchViewOptions): WatchView {
  const { stdout, env } = options.terminal;
  if (options.json) return jsonView(options);
  const isWatched = stdout.isTTY === true && env['TERM'] !== 'dumb' && (env['CI'] ?? '') === '';
  return isWatched ? pictureView(options) : blockView(options);
}

function pictureView({ terminal, interval, now = Date.now, every }: WatchViewOptions): WatchView {
  const { stdout, env } = terminal;
  const { paint, marks } = themeFor(stdout, env);
  let seen: { readonly result: StatusResult; readonly at: number } | undefined;
  const window = openWindow({
    stream: stdout,
    draw(columns, rows) {
      if (seen === undefined) return [];
      const foot = paint.dim(`Seen at ${clockOf(seen.at)}, every ${interval} s; Ctrl-C ends it.`);
      const blocks = [...statusBlocks(seen.result, paint, now()), [foot]];
      // A line in the last column would make some terminals wrap, one in the last row scroll.
      return fitBlocks(blocks, rows - 1, (hidden) => paint.dim(`${marks.ellipsis} and ${hidden} more`)).map((line) =>
        cutColoured(line, columns - 1, marks.ellipsis),
      );
    },
    ...(every === undefined ? {} : { every }),
  });
  return {
    show: (result) => {
      seen = { result, at: now() };
    },
    emit(event) {
      const text = noteIn(event);
      if (text !== undefined) window.print([paint.yellow(`${marks.warning} ${text}`)]);
    },
    suspend: () => window.suspend(),
    async close() {
      window.close();
      if (seen !== undefined) outputTo(stdout).write(`${printStatus(seen.result, paint, now())}\n`);
      await outputTo(stdout).flush();
    },
  };
}

function blockView({ terminal, now = Date.now }: WatchViewOptions): WatchView {
  const { stdout, stderr, env } = terminal;
  const paint = createPaint(wantsColour(stdout, env));
  const output = outputTo(stdout);
  const said = createLinesReporter({ stream: stderr, verbosity: 'normal', theme: themeFor(stderr, env) });
  let last: string | undefined;
  return {
    ...said,
    show(result) {
      const text = printStatus(result, paint, now());
      if (text === last) return;
      output.write(`${last === undefined ? '' : '\n'}${paint.dim(new Date(now()).toISOString())}\n${text}\n`);
      last = text;
    },
    async close() {
      await said.close();
      await output.flush();
    },
  };
}

function jsonView({ terminal, now = Date.now }: WatchViewOptions): WatchView {
  const output = outputTo(terminal.stdout);
  let last: string | undefined;
  return {
    show(result) {
      const text = JSON.stringify(result);
      if (text === last) return;
      last = text;
      output.write(encodeLine({ type: 'result', verb: 'status', result }, new Date(now())));
    },
    emit: (event) => output.write(encodeLine(event, new Date(now()))),
    suspend: () => () => {},
    close: () => output.flush(),
  };
}

function noteIn(event: Event): string | undefined {
  return event.type === 'note' ? event.text.split('\n')[0] : undefined;
}

function clockOf(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
