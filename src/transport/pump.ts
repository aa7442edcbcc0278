import { finished, type Readable, type Writable } from 'node:stream';

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
export function pump(source: Uint8Array | Readable | undefined, sink: Writable, closed: AbortSignal): Promise<void> {
  if (closed.aborted) return Promise.resolve();
  if (source === undefined || source instanceof Uint8Array) {
    sink.end(source);
    return Promise.resolve();
  }
  return new Promise((resolve, reject) => {
    const done = (how: () => void) => {
      closed.removeEventListener('abort', stop);
      how();
    };
    const stop = () => {
      source.unpipe(sink);
      done(resolve);
    };
    closed.addEventListener('abort', stop, { once: true });
    finished(source, { writable: false }, (error) => done(() => (error ? reject(error) : resolve())));
    // Not `for await`: that joins all that is buffered into one new chunk each time, which costs as much as encrypting it.
    source.pipe(sink);
  });
}
