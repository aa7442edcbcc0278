import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

/** Processors that are online. */
export const cpus = defineProbe<number>({
  name: 'processors',
  script: sh`read -r online < /sys/devices/system/cpu/online && echo "$online"`,
  parse(output) {
    const count = output
      .split(',')
      .map((range) => range.split('-').map(Number))
      .reduce((sum, [first = Number.NaN, last = first]) => sum + last - first + 1, 0);
    if (!(count > 0)) throw new Error(`"${output}" is not a list of processors`);
    return count;
  },
});
