import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineReader, LONGEST_LINE } from '../../src/transport/lines.js';

/** The lines of a text that comes in these chunks. */
function read(chunks: readonly (string | Uint8Array)[], secrets: readonly string[] = []): string[] {
  const lines: string[] = [];
  const reader = createLineReader(secrets, (line) => lines.push(line));
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  reader.end();
  return lines;
}

describe('createLineReader', () => {
  it('gives the last line although no newline ends it', () => {
    expect(read(['one\ntwo'])).toEqual(['one', 'two']);
    expect(read(['one\n'])).toEqual(['one']);
    expect(read([])).toEqual([]);
  });

  it('keeps empty lines', () => {
    expect(read(['a\n\nb\n'])).toEqual(['a', '', 'b']);
  });

  it('joins characters that are split across chunks', () => {
    const bytes = Buffer.from('größe 👩‍🚀\n');
    expect(read([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(['größe 👩‍🚀']);
  });

  it('gives each state of a progress bar', () => {
    expect(read(['10%\r', '20%\r30%', '\r\ndone\r\n'])).toEqual(['10%', '20%', '30%', 'done']);
  });

  it('takes a return and a newline in two chunks as one end', () => {
    expect(read(['a\r', '\nb\r', '\n\nc'])).toEqual(['a', 'b', '', 'c']);
  });

  it('cuts an overlong line and goes on with the next', () => {
    const long = 'x'.repeat(3 * LONGEST_LINE);
    const cut = `${'x'.repeat(LONGEST_LINE)} …`;
    expect(read([`${long}\nnext\n`])).toEqual([cut, 'next']);
    expect(read([long.slice(0, LONGEST_LINE + 1), long, '\nnext'])).toEqual([cut, 'next']);
    expect(read([long])).toEqual([cut]);
  });

  it('masks secrets, also those split across chunks', () => {
    expect(read(['token is sec', 'ret.12', '34\n'], ['secret.1234'])).toEqual(['token is ***']);
  });

  it('shows no part of a secret at the cut of an overlong line', () => {
    const secret = 's'.repeat(100);
    for (const before of [LONGEST_LINE - 99, LONGEST_LINE - 50, LONGEST_LINE - 1]) {
      const [line = ''] = read([`${'-'.repeat(before)}${secret}`, '-'.repeat(1000)], [secret]);
      expect(line).not.toContain('s');
    }
  });

  it('gives the same lines however a text is cut into chunks', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'ß', '👩', '\n', '\r', '\r\n', ' '), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 60 })), (whole, cuts) => {
        const bytes = Buffer.from(whole);
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(read(chunks)).toEqual(read([bytes]));
      }),
    );
  });
});
