import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

export interface Kernel {
  /** "6.1.0-18-amd64", as `uname -r` says it. */
  readonly release: string;
  /** The first two numbers of it: [6, 1]. */
  readonly version: readonly [number, number];
}

export const kernel = defineProbe<Kernel>({
  name: 'kernel',
  script: sh`read -r release < /proc/sys/kernel/osrelease && echo "$release"`,
  parse(release) {
    const match = /^(\d+)\.(\d+)/.exec(release);
    if (match === null) throw new Error(`"${release}" is not a kernel release`);
    return { release, version: [Number(match[1]), Number(match[2])] };
  },
});
