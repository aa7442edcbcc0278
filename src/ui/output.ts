import type { Writable } from 'node:stream';

/** A stream that may be a terminal. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

/** Writes to a stream that may go away: `up | head` ends the pipe, a closed window the terminal. The run goes on. */
export interface Output {
  write(text: string): void;
  /** Does the other end lag behind? What can be left out should be. */
  readonly isBehind: boolean;
  /** Resolves when all that was written has left this process, or cannot. */
  flush(): Promise<void>;
}

/** The output of a stream: one and the same however often it is asked for. */
export function outputTo(stream: OutputStream): Output {
  const known = outputs.get(stream);
  if (known !== undefined) return known;
  let isOpen = true;
  // EPIPE, EIO: nobody reads any more. Without a listener it would end the process, and a run with it.
  stream.on('error', () => {
    isOpen = false;
  });
  const output: Output = {
    write(text) {
      if (isOpen && !stream.destroyed && !stream.writableEnded) stream.write(text);
    },
    get isBehind() {
      return stream.writableNeedDrain;
    },
    async flush() {
      if (!isOpen || stream.destroyed || stream.writableLength === 0) return;
      await new Promise<void>((resolve) => {
        stream.once('close', resolve);
        stream.write('', () => resolve());
      });
    },
  };
  outputs.set(stream, output);
  return output;
}

const outputs = new WeakMap<OutputStream, Output>();
