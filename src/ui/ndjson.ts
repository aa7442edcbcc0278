import { encodeLine } from '../core/event-line.js';
import { type OutputStream, outputTo } from './output.js';
import type { Reporter, ReporterOptions } from './reporter.js';

/** Events as NDJSON, one a line, as schema/events.v1.json says. */
export function createNdjsonReporter(options: {
  readonly stream: OutputStream;
  readonly verbosity: ReporterOptions['verbosity'];
}): Reporter {
  const { stream, verbosity } = options;
  const output = outputTo(stream);
  return {
    emit(event) {
      const isFailure = event.type === 'step' && event.state === 'failed';
      if (verbosity !== 'quiet' || isFailure) output.write(encodeLine(event, new Date()));
    },
    // There is nothing on the terminal that could be in the way of a question.
    suspend: () => () => {},
    close: () => output.flush(),
  };
}
