import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';

/** A file's text, or why there is none. `line` is set where the place is known. */
export type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly hint?: string | undefined; readonly line?: number };

/** A thousand machines take a tenth of this. */
const MAX_BYTES = 1024 * 1024;

/** Reads a config file: UTF-8, at most 1 MiB. Whatever is wrong with it is an answer and not an exception. */
export async function readText(path: string): Promise<ReadText> {
  let bytes: Buffer;
  try {
    await using file = await open(path, 'r');
    bytes = await readAtMost(MAX_BYTES + 1, file);
  } catch (error) {
    return unreadable(error);
  }
  if (bytes.length > MAX_BYTES) {
    return {
      ok: false,
      message: 'this file is larger than 1 MiB',
      hint: 'Is it a cluster.yaml? Name another with --file.',
    };
  }
  return isUtf8(bytes) ? { ok: true, text: bytes.toString('utf8') } : notUtf8(bytes);
}

/** Stops at the limit, so that a device or an endless pipe is no trap. */
async function readAtMost(limit: number, file: { read: ReadInto }): Promise<Buffer> {
  const buffer = Buffer.alloc(limit);
  let length = 0;
  while (length < limit) {
    const { bytesRead } = await file.read(buffer, length, limit - length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

type ReadInto = (buffer: Buffer, offset: number, length: number, position: null) => Promise<{ bytesRead: number }>;

function unreadable(error: unknown): ReadText {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return {
        ok: false,
        message: 'there is no such file',
        hint: '`kubewright init` writes one; --file names another.',
      };
    case 'EISDIR':
      return { ok: false, message: 'this is a folder', hint: 'Name the file in it with --file.' };
    case 'EACCES':
    case 'EPERM':
      return { ok: false, message: 'this file may not be read', hint: 'Look at its mode and owner: ls -l.' };
    default:
      return {
        ok: false,
        message: `this file cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      };
  }
}

function notUtf8(bytes: Buffer): ReadText {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { ok: false, message: 'this file is UTF-16', hint: 'Save it as UTF-8.' };
  }
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf(10); end !== -1 && isUtf8(bytes.subarray(start, end)); end = bytes.indexOf(10, start)) {
    start = end + 1;
    line++;
  }
  return { ok: false, message: 'this line is not UTF-8', hint: 'Save the file as UTF-8.', line };
}
