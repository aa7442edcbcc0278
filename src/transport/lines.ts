import { StringDecoder } from 'node:string_decoder';
import { createMask, longestSecret } from './redact.js';
import { sanitizeLine } from './sanitize.js';

/** Takes a stream's chunks as they come and gives its lines, fit to be shown. */
export interface LineReader {
  push(chunk: Uint8Array): void;
  /** Gives the last line, when the stream did not end with a newline. */
  end(): void;
}

/** Characters of a line that are shown; what comes after them up to the newline is dropped. */
export const LONGEST_LINE = 4096;

/**
 * Splits chunks into lines: characters may be split across chunks, a carriage return ends a line too (so that
 * each state of a progress bar is one), an overlong line is cut, secrets are masked and control characters made harmless.
 */
export function createLineReader(secrets: readonly string[], onLine: (line: string) => void): LineReader {
  const decoder = new StringDecoder('utf8');
  const mask = createMask(secrets);
  // A secret that begins before the cut must be seen whole before the line may be shown.
  const enough = LONGEST_LINE + longestSecret(secrets);
  let pending = '';
  let cut = false;
  let afterReturn = false;

  function emit(line: string): void {
    onLine(sanitizeLine(mask(line)));
  }

  function cutLine(): void {
    if (!cut) onLine(`${sanitizeLine(mask(pending).slice(0, LONGEST_LINE))} …`);
    cut = true;
    pending = '';
  }

  function take(text: string): void {
    let start = 0;
    for (const { 0: ending, index } of text.matchAll(/[\r\n]/g)) {
      pending += text.slice(start, index);
      start = index + 1;
      const secondHalf = ending === '\n' && afterReturn && pending === '';
      afterReturn = ending === '\r';
      if (cut) cut = false;
      else if (pending.length > enough) {
        cutLine();
        cut = false;
      } else if (ending === '\n' ? !secondHalf : pending !== '') emit(pending);
      pending = '';
    }
    pending += text.slice(start);
    if (start < text.length) afterReturn = false;
    if (pending.length > enough || cut) cutLine();
  }

  return {
    push: (chunk) => take(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
    end() {
      take(decoder.end());
      if (pending !== '' && !cut) emit(pending);
      pending = '';
    },
  };
}
