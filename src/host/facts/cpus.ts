import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

/** Processors that are online. */
export const cpus = defineProbe<number>({
  name: 'processors',
  script: sh`read -r online < /sys/devices/system/cpu/online && echo "$online"`,
  parse(output) {
    return output
      .split(',')
      .map((range) => {
        const match = /^(\d+)(?:-(\d+))?$/.exec(range);
        if (match === null) throw new Error(`"${output}" is not a list of processors`);
        const [, first, last = first] = match;
        return Number(last) - Number(first) + 1;
      })
      .reduce((sum, count) => sum + count, 0);
  },
});
