/** Keeps the beginning of a stream, for results and parsers. */
export interface Capture {
  push(chunk: Uint8Array): void;
  /** What was kept, as UTF-8; bytes that are none become U+FFFD. */
  text(): string;
  /** Did more come than was kept? */
  readonly truncated: boolean;
}

/** Bytes of each output stream that a result keeps: 8 MiB. */
const CAPTURE_LIMIT = 8 * 1024 * 1024;

/** Keeps the first `limit` bytes and lets the rest go by. */
export function createCapture(limit = CAPTURE_LIMIT): Capture {
  const chunks: Uint8Array[] = [];
  let kept = 0;
  let truncated = false;
  return {
    push(chunk) {
      const room = limit - kept;
      if (chunk.byteLength > room) truncated = true;
      if (room <= 0) return;
      const part = chunk.byteLength > room ? chunk.subarray(0, room) : chunk;
      chunks.push(part);
      kept += part.byteLength;
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
    get truncated() {
      return truncated;
    },
  };
}
