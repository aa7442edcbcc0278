import stringWidth from 'string-width';
import { KubewrightError } from '../core/errors.js';
import { printable } from './printable.js';

/** One thing wrong with a config file, where it stands and how to mend it. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string | undefined;
  /** The file as it was named by the user. */
  readonly file: string;
  /** From 1. 0: the file as a whole (it is missing, say). */
  readonly line: number;
  /** From 1, in UTF-16 units, as editors count. 0: the file as a whole. */
  readonly column: number;
  /** How many UTF-16 units of the line it is about; 1 when absent. */
  readonly length?: number | undefined;
}

/** More than this are counted and not printed. */
const MAX_PRINTED = 100;

/**
 * "cluster.yaml:6:11: error: …" for each, with the source line, a squiggle under the place, and the hint. `text` is
 * the file's content. Control characters of the file, its name and the messages are made harmless.
 */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], text: string): string {
  const lines = text.split(/\r?\n/);
  const printed = diagnostics.slice(0, MAX_PRINTED).map((diagnostic) => format(diagnostic, lines[diagnostic.line - 1]));
  const more = diagnostics.length - printed.length;
  return [...printed, ...(more > 0 ? [`and ${more} more`] : [])].join('\n\n');
}

/** The one error for a config that cannot be used: code `config-invalid`, its message the formatted diagnostics. */
export function configError(diagnostics: readonly Diagnostic[], text: string): KubewrightError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const file = printable(diagnostics[0]?.file ?? 'the config');
  const count = `${errors} ${errors === 1 ? 'problem' : 'problems'}`;
  return new KubewrightError('config-invalid', `${file} has ${count}\n\n${formatDiagnostics(diagnostics, text)}`);
}

function format(diagnostic: Diagnostic, source: string | undefined): string {
  const place = diagnostic.line === 0 ? '' : `:${diagnostic.line}:${diagnostic.column}`;
  const head = `${printable(diagnostic.file)}${place}: ${diagnostic.severity}: ${printable(diagnostic.message)}`;
  const excerpt = source === undefined || source.trim() === '' ? [] : excerptOf(diagnostic, source);
  const hint = diagnostic.hint === undefined ? [] : [`  hint: ${printable(diagnostic.hint)}`];
  return [head, ...excerpt, ...hint].join('\n');
}

/** The source line and the squiggle below it; of a long line only what is around the place. */
function excerptOf({ line, column, length = 1 }: Diagnostic, source: string): readonly string[] {
  const start = Math.max(0, column - 1 - 80);
  const end = Math.min(source.length, column - 1 + 80);
  const before = printable(source.slice(start, column - 1));
  const marked = printable(source.slice(column - 1, Math.min(end, column - 1 + length)));
  const after = printable(source.slice(Math.min(end, column - 1 + length), end));
  const gutter = `  ${line} | `;
  const lead = start > 0 ? '…' : '';
  const shown = `${gutter}${lead}${before}${marked}${after}${end < source.length ? '…' : ''}`;
  const indent = ' '.repeat(stringWidth(lead) + stringWidth(before));
  return [
    shown.trimEnd(),
    `${' '.repeat(gutter.length - 2)}| ${indent}${'~'.repeat(Math.max(1, stringWidth(marked)))}`,
  ];
}
