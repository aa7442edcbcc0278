import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * A stretch of a file that does not exist yet: bytes at hand, or the whole of a file on disk. Lists of segments
 * let archives within archives be hashed and written in one pass each, without copies in between.
 */
export type Segment = Uint8Array | FileSegment;

export interface FileSegment {
  readonly path: string;
  readonly size: number;
}

/** Bytes in all. */
export function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce(
    (sum, segment) => sum + (segment instanceof Uint8Array ? segment.byteLength : segment.size),
    0,
  );
}

/** Hex sha256 of all segments, one after the other. */
export async function sha256Of(segments: readonly Segment[], signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(
    chunksOf(segments),
    async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) hash.update(chunk);
    },
    { signal },
  );
  return hash.digest('hex');
}

/** Writes all segments to a new file and gives its hex sha256. The file must not exist. */
export async function writeSegments(segments: readonly Segment[], path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(
    chunksOf(segments),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path, { flags: 'wx' }),
    { signal },
  );
  return hash.digest('hex');
}

/** The bytes of all segments as they are read. Errors while reading: of a file that changed its size. */
export function chunksOf(segments: readonly Segment[]): Readable {
  return Readable.from(
    (async function* () {
      for (const segment of segments) {
        if (segment instanceof Uint8Array) yield segment;
        else yield* fileChunks(segment);
      }
    })(),
  );
}

async function* fileChunks(file: FileSegment): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of createReadStream(file.path, { highWaterMark: 1 << 20 })) {
    size += chunk.length;
    yield chunk;
  }
  if (size !== file.size) throw new Error(`${file.path} changed while it was read: ${file.size} bytes, then ${size}`);
}
