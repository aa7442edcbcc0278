import type { Duplex } from 'node:stream';

/**
 * Carries bytes both ways between two streams: no faster than the slower side takes them, and the end of one direction
 * is passed on while the other goes on. Resolves when both are closed; where one breaks, the other is destroyed.
 */
export function carry(one: Duplex, other: Duplex): Promise<void> {
  one.pipe(other);
  other.pipe(one);
  return Promise.all([closing(one, other), closing(other, one)]).then(() => {});
}

function closing(stream: Duplex, other: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const closed = () => {
      // After an orderly end, the other side may still have something to send.
      if (!(stream.readableEnded && stream.writableFinished)) other.destroy();
      resolve();
    };
    stream.on('error', () => {});
    if (stream.closed) closed();
    else stream.once('close', closed);
  });
}
