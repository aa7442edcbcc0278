import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/**
 * Takes charge of a command's input from the start, so that an error of it is not lost on the way. Dispose of it when
 * the command has ended: what it did not want is thrown away.
 */
export function ownInput(source: Uint8Array | Readable | undefined): Disposable {
  if (source === undefined || source instanceof Uint8Array) return { [Symbol.dispose]: () => {} };
  source.on('error', () => {});
  return { [Symbol.dispose]: () => source.destroy() };
}

/**
 * Writes `source` to `sink` at the speed at which it is taken, then ends it. Resolves early, without an error, when
 * `closed` aborts: a command may end before it has read all of its input. A source that fails rejects.
 */
export async function pump(
  source: Uint8Array | Readable | undefined,
  sink: Writable,
  closed: AbortSignal,
): Promise<void> {
  if (source === undefined || source instanceof Uint8Array) {
    if (!closed.aborted) sink.end(source);
    return;
  }
  const stop = () => source.destroy();
  closed.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of source) {
      if (closed.aborted) return;
      if (!sink.write(chunk)) await once(sink, 'drain', { signal: closed });
    }
    sink.end();
  } catch (error) {
    if (!closed.aborted) throw error;
  } finally {
    closed.removeEventListener('abort', stop);
  }
}
