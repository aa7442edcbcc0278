import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

/** Bytes. */
export interface Memory {
  readonly total: number;
  /** What programs could still take without swapping (the kernel's estimate). */
  readonly available: number;
}

export const memory = defineProbe<Memory>({
  name: 'memory',
  script: sh`grep -E '^Mem(Total|Available):' /proc/meminfo`,
  parse: (output) => ({ total: kibibytes(output, 'MemTotal'), available: kibibytes(output, 'MemAvailable') }),
});

function kibibytes(output: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(output);
  if (match === null) throw new Error(`/proc/meminfo does not say ${name}`);
  return Number(match[1]) * 1024;
}
