import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

/** One swap device or file that is on. Bytes. */
export interface Swap {
  readonly device: string;
  readonly size: number;
  readonly used: number;
}

export const swap = defineProbe<readonly Swap[]>({
  name: 'swap',
  script: sh`cat /proc/swaps`,
  parse: (output) =>
    output.split('\n').flatMap((line) => {
      const match = /^(.+?)\s+\S+\s+(\d+)\s+(\d+)\s+-?\d+$/.exec(line);
      // The kernel writes spaces and newlines in names as octal escapes.
      return match === null
        ? []
        : [{ device: unescapeOctal(match[1] ?? ''), size: Number(match[2]) * 1024, used: Number(match[3]) * 1024 }];
    }),
});

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
