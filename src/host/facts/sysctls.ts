import { sh } from '../../transport/command.js';
import { defineProbe, type Probe } from '../probe.js';

/** Kernel settings by name ("net.ipv4.ip_forward"); undefined where the kernel has no such setting. */
export function sysctlsProbe(names: readonly string[]): Probe<ReadonlyMap<string, string | undefined>> {
  const files = names.map((name) => `/proc/sys/${name.replaceAll('.', '/')}`);
  return defineProbe<ReadonlyMap<string, string | undefined>>({
    name: 'kernel settings',
    script: sh`for file in ${files}; do
  if [ -r "$file" ] && read -r value < "$file"; then echo "=$value"; else echo -; fi
done`,
    parse(output) {
      const lines = output.split('\n');
      return new Map(
        names.map((name, index) => [name, lines[index]?.startsWith('=') ? lines[index].slice(1) : undefined]),
      );
    },
  });
}
