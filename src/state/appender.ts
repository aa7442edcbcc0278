import { appendFileSync } from 'node:fs';
import { onExit } from 'signal-exit';

/** Appends to files until something goes wrong; from then on does nothing. */
export interface Appender {
  /** Adds to the end of a file (mode 0600), at the end of this turn of the event loop at the latest. */
  append(path: string, text: string): void;
  /** Does something else with the disk, unless something went wrong before. */
  attempt(work: () => Promise<void>): Promise<void>;
  /** Writes what is still to be written. */
  close(): void;
}

/** `onFault` is told once what went wrong first. */
export function createAppender(onFault: (error: unknown) => void): Appender {
  const pending = new Map<string, string[]>();
  let turn: NodeJS.Immediate | undefined;
  let broken = false;

  const fail = (error: unknown) => {
    if (broken) return;
    broken = true;
    onFault(error);
  };
  const flush = () => {
    clearImmediate(turn);
    turn = undefined;
    try {
      for (const [path, texts] of pending) {
        // A file is opened anew each time: a thousand hosts have a thousand transcripts.
        if (!broken) appendFileSync(path, texts.join(''), { mode: 0o600 });
      }
    } catch (error) {
      fail(error);
    } finally {
      pending.clear();
    }
  };
  // A process that is ended from within or by a signal has one last chance.
  const stopListening = onExit(flush);

  return {
    append(path, text) {
      if (broken || text === '') return;
      const texts = pending.get(path);
      if (texts === undefined) pending.set(path, [text]);
      else texts.push(text);
      turn ??= setImmediate(flush);
    },
    async attempt(work) {
      if (broken) return;
      try {
        await work();
      } catch (error) {
        fail(error);
      }
    },
    close() {
      flush();
      stopListening();
    },
  };
}
