import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

/** The host's time in milliseconds since 1970. */
export const clock = defineProbe<number>({
  name: 'clock',
  script: sh`date +%s.%N`,
  parse(output) {
    const seconds = Number(output);
    if (!Number.isFinite(seconds) || output === '') throw new Error(`"${output}" is not a time`);
    return seconds * 1000;
  },
});
