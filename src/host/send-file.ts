import { createReadStream } from 'node:fs';
import { basename, dirname } from 'node:path/posix';
import { Transform } from 'node:stream';
import { KubewrightError } from '../core/errors.js';
import { type Command, sh } from '../transport/command.js';
import { SHA256_FUNCTION } from './checksum.js';
import type { RemoteHost, Upload } from './remote-host.js';

/**
 * Streams one file to a temporary name beside its destination, has size and sha256 checked there, and renames it.
 * Whatever ends it early (a cut connection, a full disk, the user), the destination stays as it was and the temporary
 * file is removed. Rejects with `upload-failed` or `host-disk-full`.
 */
export async function sendFile(
  host: RemoteHost,
  file: Upload,
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
  onBytes: (bytes: number) => void,
): Promise<void> {
  const source = createReadStream(file.source, { highWaterMark: CHUNK });
  const counted = new Transform({
    highWaterMark: CHUNK,
    transform(chunk: Uint8Array, _encoding, done) {
      onBytes(chunk.byteLength);
      done(null, chunk);
    },
  });
  source.on('error', (error) => counted.destroy(error));
  const { code, stdout } = await host
    .script(receive(file), {
      context: { signal: options.signal, line: () => {} },
      timeoutMs: options.timeoutMs,
      title: `upload ${file.destination}`,
      input: source.pipe(counted),
      allowFailure: true,
      show: false,
    })
    .catch((error: unknown) => {
      if (error instanceof KubewrightError) throw error;
      throw uploadFailed(
        host,
        file,
        `${file.source} cannot be read: ${error instanceof Error ? error.message : error}`,
      );
    })
    .finally(() => source.destroy());
  if (code !== 0) throw refusal(host, file, code, stdout);
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

/** Exit codes of the script below. */
const CANNOT_WRITE = 74;
const WRONG_SIZE = 65;
const WRONG_SUM = 66;

function receive(file: Upload): Command {
  const folder = dirname(file.destination);
  // Named by content, so that what a killed machine leaves behind is overwritten by the next attempt.
  const temporary = `${folder}/.${basename(file.destination)}.kubewright-${file.sha256.slice(0, 12)}`;
  return sh`${SHA256_FUNCTION}
folder=${folder} temporary=${temporary} destination=${file.destination}
exec 2>&1
mkdir -p -- "$folder" || exit
trap 'rm -f -- "$temporary"' EXIT
trap 'exit 143' HUP INT PIPE TERM
umask 077
cat > "$temporary" || { rm -f -- "$temporary"; df -P -k -- "$folder" | awk 'NR > 1 { print "free " $4 }'; exit ${CANNOT_WRITE}; }
size=$(stat -c %s -- "$temporary")
[ "$size" = ${file.size} ] || { echo "size $size"; exit ${WRONG_SIZE}; }
sum=$(sha256 "$temporary")
sum=\${sum#\\}
[ "\${sum%% *}" = ${file.sha256} ] || { echo "sum \${sum%% *}"; exit ${WRONG_SUM}; }
chmod -- ${file.mode} "$temporary" && mv -f -T -- "$temporary" "$destination"`;
}

function refusal(host: RemoteHost, file: Upload, code: number, stdout: string): KubewrightError {
  const lines = stdout.trim().split('\n');
  const output = lines.filter((line) => !line.startsWith('free ')).slice(-20);
  const value = (name: string) => new RegExp(`^${name} (\\S+)$`, 'm').exec(stdout)?.[1];
  if (code === CANNOT_WRITE && /no space left/i.test(stdout)) {
    return new KubewrightError(
      'host-disk-full',
      `The disk of ${host.name} became full while ${file.destination} was sent: ${mebibytes(file.size)} are needed, ${mebibytes(Number(value('free')) * 1024)} are free.`,
      { host: host.name, output },
    );
  }
  if (code === WRONG_SIZE) {
    const reason = `${value('size')} of ${file.size} bytes arrived`;
    return uploadFailed(host, file, reason, { output, retryable: true });
  }
  if (code === WRONG_SUM) {
    const reason = `what arrived has sha256 ${value('sum')} instead of ${file.sha256}`;
    return uploadFailed(host, file, reason, { output, hint: `Is ${file.source} damaged?` });
  }
  return uploadFailed(host, file, `the host says: ${output.at(-1) || `exit code ${code}`}`, { output });
}
