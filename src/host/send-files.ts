import { createReadStream } from 'node:fs';
import { basename, dirname } from 'node:path/posix';
import { Readable } from 'node:stream';
import { KubewrightError } from '../core/errors.js';
import { type Command, sh } from '../transport/command.js';
import type { RemoteHost, Upload } from './remote-host.js';

/**
 * Streams files one after the other over one channel: each to a temporary name beside its destination, its sha256
 * checked there, then renamed. Whatever ends it early (a cut connection, a full disk, the user), the destination of
 * the file on its way stays as it was and its temporary file is removed. Rejects with `upload-failed` or `host-disk-full`.
 */
export async function sendFiles(
  host: RemoteHost,
  files: readonly Upload[],
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
  onBytes: (bytes: number, file: Upload) => void,
): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  const { code, stdout } = await host.script(receive(files), {
    context: { signal: options.signal, line: () => {} },
    timeoutMs: options.timeoutMs,
    title: files.length === 1 ? `upload ${first.destination}` : `upload ${files.length} files`,
    input: Readable.from(contents(host, files, onBytes), { highWaterMark: 1 }),
    allowFailure: true,
    show: false,
  });
  if (code !== 0) throw refusal(host, files, code, stdout);
}

/** "812.0 MiB": for messages. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** The error of a file that did not get to a host (`upload-failed`); `reason` ends the sentence, without a full stop. */
export function uploadFailed(
  host: RemoteHost,
  file: Upload,
  reason: string,
  details: { readonly hint?: string; readonly output?: readonly string[]; readonly retryable?: boolean } = {},
): KubewrightError {
  const message = `${file.destination} could not be put on ${host.name}: ${reason}.`;
  return new KubewrightError('upload-failed', message, { host: host.name, ...details });
}

/** Bytes read from a file at a time: larger chunks cost fewer turns of the event loop. */
const CHUNK = 1024 * 1024;

/** All files in a row, each exactly as long as was announced: the host cuts them apart by their lengths. */
async function* contents(
  host: RemoteHost,
  files: readonly Upload[],
  onBytes: (bytes: number, file: Upload) => void,
): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    let left = file.size;
    try {
      const chunks: AsyncIterable<Uint8Array> = createReadStream(file.source, {
        // A buffer of this size is made for each file, however small that is.
        highWaterMark: Math.min(CHUNK, Math.max(1, file.size)),
      });
      for await (const chunk of chunks) {
        left -= chunk.byteLength;
        if (left < 0) break;
        onBytes(chunk.byteLength, file);
        yield chunk;
      }
    } catch (error) {
      throw uploadFailed(
        host,
        file,
        `${file.source} cannot be read: ${error instanceof Error ? error.message : error}`,
      );
    }
    if (left !== 0) throw uploadFailed(host, file, `${file.source} changed while it was sent`);
  }
}

/** Exit codes of the script below. */
const CANNOT_WRITE = 74;
const WRONG_SUM = 66;

/**
 * dd and not head: it never reads more than it was told to, so the next file begins where it should. openssl, where
 * there is one, for big files: see `SHA256_FUNCTION`.
 */
function receive(files: readonly Upload[]): Command {
  const fields = files.flatMap((file) => [
    file.destination,
    // Named by content, so that what a machine that lost its power leaves behind is overwritten by the next attempt.
    `${dirname(file.destination)}/.${basename(file.destination)}.kubewright-${file.sha256.slice(0, 12)}`,
    file.mode,
    file.sha256,
    file.size,
  ]);
  return sh`exec 2>&1
umask 077
temporary=
trap '[ -z "$temporary" ] || rm -f -- "$temporary"' EXIT
trap 'exit 143' HUP INT PIPE TERM
sum() {
  if [ "$size" -gt 8388608 ] && openssl dgst -sha256 -r 2> /dev/null < "$temporary"; then return; fi
  sha256sum < "$temporary"
}
set -- ${fields}
index=0
while [ $# -gt 0 ]; do
  destination=$1 temporary=$2 mode=$3 wanted=$4 size=$5
  shift 5
  echo "at $index"
  index=$((index + 1))
  folder=\${destination%/*}
  [ -d "$folder/" ] || (umask 022 && mkdir -p -- "$folder/") || exit
  dd bs=1M iflag=fullblock,count_bytes count="$size" status=none > "$temporary" || {
    rm -f -- "$temporary"
    df -P -k -- "$folder/" | awk 'NR > 1 { print "free " $4 }'
    exit ${CANNOT_WRITE}
  }
  found=$(sum)
  found=\${found%% *}
  [ "$found" = "$wanted" ] || { echo "got $(stat -c %s -- "$temporary") $found"; exit ${WRONG_SUM}; }
  chmod -- "$mode" "$temporary" && mv -f -T -- "$temporary" "$destination" || exit
  temporary=
done`;
}

function refusal(host: RemoteHost, files: readonly Upload[], code: number, stdout: string): KubewrightError {
  const lines = stdout.trim().split('\n');
  const output = lines.filter((line) => !/^(?:at|free|got) /.test(line)).slice(-20);
  const value = (name: string) =>
    lines
      .findLast((line) => line.startsWith(`${name} `))
      ?.split(' ')
      .slice(1) ?? [];
  const file = files[Number(value('at')[0] ?? 0)] ?? files[0];
  if (file === undefined) return new KubewrightError('internal', 'an upload of no files failed', { host: host.name });
  if (code === CANNOT_WRITE && output.some((line) => /no space left/i.test(line))) {
    return new KubewrightError(
      'host-disk-full',
      `The disk of ${host.name} became full while ${file.destination} was sent: ${mebibytes(file.size)} are needed, ${mebibytes(Number(value('free')[0]) * 1024)} are free.`,
      { host: host.name, output },
    );
  }
  if (code === WRONG_SUM) {
    const [size, sum] = value('got');
    if (Number(size) !== file.size) {
      return uploadFailed(host, file, `${size} of ${file.size} bytes arrived`, { output, retryable: true });
    }
    const hint = `Is ${file.source} damaged?`;
    return uploadFailed(host, file, `what arrived has sha256 ${sum} instead of ${file.sha256}`, { output, hint });
  }
  return uploadFailed(host, file, `the host says: ${output.at(-1) || `exit code ${code}`}`, { output });
}
