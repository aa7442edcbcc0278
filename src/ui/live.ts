import { type Clock, systemClock } from '../core/clock.js';
import { announce } from './announce.js';
import { drawFrame } from './frame.js';
import { type OutputStream, outputTo } from './output.js';
import type { Reporter, ReporterOptions } from './reporter.js';
import type { Theme } from './theme.js';
import { createTracker, type Tracker } from './tracker.js';
import { openWindow } from './window.js';

/** The live view: one row a host, redrawn in place; what was finished, failed or said scrolls away above it. */
export function createLiveReporter(options: {
  readonly stream: OutputStream;
  readonly verbosity: ReporterOptions['verbosity'];
  readonly theme: Theme;
  readonly clock?: Pick<Clock, 'now'> | undefined;
}): Reporter {
  const { stream, verbosity, theme, clock = systemClock } = options;
  let tracker: Tracker = createTracker();
  let isOver = false;
  let wasFailure = false;
  const window = openWindow({
    stream,
    draw: (columns, rows) => (isOver ? [] : drawFrame(tracker.view, { columns, rows, now: clock.now(), theme })),
  });
  return {
    emit(event) {
      if (event.type === 'run' && event.state === 'started') {
        // A verb may run more than one graph, one after the other.
        if (isOver) tracker = createTracker();
        isOver = false;
      }
      for (const said of tracker.apply(event, clock.now())) {
        if (said.kind === 'end') isOver = true;
        if (said.kind === 'output' && verbosity !== 'verbose') continue;
        // An error is a block of its own.
        if (wasFailure && said.kind !== 'failure') window.print(['']);
        wasFailure = said.kind === 'failure' && said.error.code !== 'interrupted';
        window.print(announce(said, stream.columns ?? 80, theme));
      }
    },
    suspend: () => window.suspend(),
    async close() {
      window.close();
      await outputTo(stream).flush();
    },
  };
}
