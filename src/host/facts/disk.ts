import { sh } from '../../transport/command.js';
import { defineProbe, type Probe } from '../probe.js';

/** The file system that holds, or will hold, a path. Bytes. */
export interface Disk {
  /** The path that was asked about; it need not exist yet. */
  readonly path: string;
  /** Where the file system is mounted. */
  readonly mount: string;
  readonly device: string;
  /** "ext4", "xfs", "overlay", "tmpfs". */
  readonly type: string;
  readonly total: number;
  /** What root may still write. */
  readonly free: number;
}

/** The file systems of the longest parts of `paths` that exist, in the same order. */
export function diskProbe(paths: readonly string[]): Probe<readonly Disk[]> {
  return defineProbe<readonly Disk[]>({
    name: 'disks',
    script: sh`set -- ${[...paths]}
for path do
  shift
  while [ ! -e "$path" ]; do path=\${path%/*}; path=\${path:-/}; done
  set -- "$@" "$path"
done
df -P -T -k -- "$@"`,
    parse(output) {
      const rows = output.split('\n').slice(1);
      return paths.map((path, index) => ({ path, ...row(rows[index] ?? '') }));
    },
  });
}

/** `df -P -T`: device, type, 1024-blocks, used, available, capacity, mount point; the first and the last may hold spaces. */
function row(line: string): Omit<Disk, 'path'> {
  const match = /^(.*?)\s+(\S+)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(?:\d+%|-)\s+(.*)$/.exec(line);
  if (match === null) throw new Error(`"${line}" is not a line of df`);
  const [, device = '', type = '', total = '', , free = '', mount = ''] = match;
  return { mount, device, type, total: Number(total) * 1024, free: Math.max(0, Number(free)) * 1024 };
}
