import { Writable } from 'node:stream';
import xterm from '@xterm/headless';
import type { OutputStream } from '../../src/ui/output.js';

/** A terminal as a person sees it. */
export interface Screen {
  readonly stream: OutputStream;
  /** What stands on it, empty rows at the end left out; with `scrollback` also what has scrolled away. */
  rows(options?: { readonly scrollback?: boolean }): Promise<readonly string[]>;
  isCursorVisible(): Promise<boolean>;
  resize(columns: number, rows: number): Promise<void>;
  /** Everything that was written so far. */
  readonly written: () => string;
}

/** An empty terminal of that size. */
export function openScreen(columns: number, rows: number): Screen {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 });
  let written = '';
  let isCursorVisible = true;
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, ([mode]) => {
    if (mode === 25) isCursorVisible = true;
    return false;
  });
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, ([mode]) => {
    if (mode === 25) isCursorVisible = false;
    return false;
  });
  const write = (text: string) => new Promise<void>((resolve) => terminal.write(text, resolve));
  const stream = Object.assign(
    new Writable({
      decodeStrings: false,
      write(chunk: string, _encoding, done) {
        written += chunk;
        // A terminal driver makes CR LF of each LF (ONLCR).
        void write(chunk.replaceAll('\n', '\r\n')).then(() => done());
      },
    }),
    { isTTY: true, columns, rows },
  );
  const settled = () => new Promise<void>((resolve) => stream.write('', () => resolve()));
  return {
    stream,
    written: () => written,
    async rows({ scrollback = false } = {}) {
      await settled();
      const { active } = terminal.buffer;
      const texts = Array.from(
        { length: active.length },
        (_, at) => active.getLine(at)?.translateToString(true).trimEnd() ?? '',
      ).slice(scrollback ? 0 : active.baseY);
      while (texts.at(-1) === '') texts.pop();
      return texts;
    },
    async isCursorVisible() {
      await settled();
      return isCursorVisible;
    },
    async resize(newColumns, newRows) {
      await settled();
      terminal.resize(newColumns, newRows);
      Object.assign(stream, { columns: newColumns, rows: newRows });
      stream.emit('resize');
      await settled();
    },
  };
}
