import { LineCounter } from 'yaml';
import type { Diagnostic } from './diagnostics.js';

/** A part of a text: offsets from its start, the second not included. */
export type Span = readonly [start: number, end: number];

/** Answers for spans of a text where they are for people: line and column of the start, and how much of that line they take. */
export function placesIn(text: string): (span: Span) => Required<Pick<Diagnostic, 'line' | 'column' | 'length'>> {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  return ([start, end]) => {
    const { line, col } = lines.linePos(Math.min(start, text.length));
    const onLine = /^[^\r\n]*/.exec(text.slice(start, end))?.[0].trimEnd().length ?? 0;
    return { line, column: col, length: Math.max(1, onLine) };
  };
}
