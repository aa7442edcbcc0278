import { sh } from '../../transport/command.js';
import { defineProbe, type Probe } from '../probe.js';

/** Where programs are found on the PATH that scripts have (sbin included); undefined for those that are not. */
export function binariesProbe(names: readonly string[]): Probe<ReadonlyMap<string, string | undefined>> {
  return defineProbe<ReadonlyMap<string, string | undefined>>({
    name: 'programs',
    script: sh`for name in ${[...names]}; do command -v "$name" || echo -; done`,
    parse(output) {
      const lines = output.split('\n');
      return new Map(names.map((name, index) => [name, lines[index]?.startsWith('/') ? lines[index] : undefined]));
    },
  });
}
