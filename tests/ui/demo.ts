/*
 * Plays the story of a run in real time, as `kubewright up` would show it:
 *     npx tsx tests/ui/demo.ts [--failing] [--workers N] [--speed N] [--output text|json] [-q|-v]
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createReporter } from '../../src/ui/reporter.js';
import { story } from './story.js';

const { values } = parseArgs({
  options: {
    failing: { type: 'boolean', default: false },
    workers: { type: 'string', default: '2' },
    speed: { type: 'string', default: '1' },
    output: { type: 'string', default: 'text' },
    quiet: { type: 'boolean', short: 'q', default: false },
    verbose: { type: 'boolean', short: 'v', default: false },
  },
});
const reporter = createReporter({
  output: values.output === 'json' ? 'json' : 'text',
  verbosity: values.quiet ? 'quiet' : values.verbose ? 'verbose' : 'normal',
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
const began = performance.now();
for (const { at, event } of await story({ workers: Number(values.workers), failing: values.failing })) {
  const due = at / Number(values.speed) - (performance.now() - began);
  if (due > 0) await wait(due);
  reporter.emit(event);
}
await reporter.close();
