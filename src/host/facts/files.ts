import { sh } from '../../transport/command.js';
import { SHA256_FUNCTION } from '../checksum.js';
import { plainPaths } from '../paths.js';
import { defineProbe, type Probe } from '../probe.js';

/** What lies at a path of the host. */
export type FileState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'link'; readonly target: string }
  | {
      readonly kind: 'file';
      /** Hex, of the content. */
      readonly sha256: string;
      /** Octal: "644", "4755". */
      readonly mode: string;
      readonly uid: number;
      readonly gid: number;
      /** Bytes. */
      readonly size: number;
    }
  /** A folder, a device, a socket. */
  | { readonly kind: 'other' };

/** The state of files by absolute path. Symbolic links are not followed. */
export function filesProbe(paths: readonly string[]): Probe<ReadonlyMap<string, FileState>> {
  return defineProbe<ReadonlyMap<string, FileState>>({
    name: 'files',
    script: sh`${SHA256_FUNCTION}
set -- ${plainPaths(paths)}
count=$#
while [ "$count" -gt 0 ]; do
  count=$((count - 1)); path=$1; shift
  if [ -L "$path" ]; then echo "link $(readlink -- "$path")"
  elif [ -f "$path" ]; then echo file; set -- "$@" "$path"
  elif [ -e "$path" ]; then echo other
  else echo missing
  fi
done
[ $# -eq 0 ] || { stat -c 'stat %a %u %g %s' -- "$@" && sha256 "$@"; }`,
    parse(output) {
      const lines = output.split('\n');
      const kinds = lines.slice(0, paths.length);
      const files = kinds.filter((line) => line === 'file').length;
      const stats = lines.slice(paths.length, paths.length + files);
      const sums = lines.slice(paths.length + files);
      let next = 0;
      return new Map(
        paths.map((path, index): [string, FileState] => {
          const kind = kinds[index] ?? '';
          if (kind === 'missing' || kind === 'other') return [path, { kind }];
          if (kind.startsWith('link ')) return [path, { kind: 'link', target: kind.slice('link '.length) }];
          const state = file(stats[next], sums[next]);
          next += 1;
          return [path, state];
        }),
      );
    },
  });
}

function file(stat = '', sum = ''): FileState {
  const numbers = /^stat (\d+) (\d+) (\d+) (\d+)$/.exec(stat);
  const sha256 = /^\\?([0-9a-f]{64}) /.exec(sum)?.[1];
  if (numbers === null || sha256 === undefined) throw new Error(`"${stat}" and "${sum}" are not a file's state`);
  const [, mode = '', uid, gid, size] = numbers;
  return { kind: 'file', sha256, mode, uid: Number(uid), gid: Number(gid), size: Number(size) };
}
