import { ERROR_CODES } from '../core/error-codes.js';
import { KubewrightError, type SerializedError, serializeError } from '../core/errors.js';
import { clean, widthOf, wrap } from './text.js';
import { createPaint, isUnicode, marksFor, type Theme } from './theme.js';

/** How an error is shown. */
export interface ErrorStyle {
  readonly colours: boolean;
  /** Columns that there are. */
  readonly width: number;
  /** Whether signs beyond ASCII may be used. Default: as the locale of this process says. */
  readonly unicode?: boolean | undefined;
}

/**
 * An error for people, as lines: what happened, on which host and in which step, the command with its last lines,
 * and what to do next. One whose details were shown when they happened (`reported`) is short.
 */
export function renderError(error: unknown, { colours, width, unicode = isUnicode(process.env) }: ErrorStyle): string {
  const theme: Theme = { paint: createPaint(colours), marks: marksFor(unicode) };
  const isShort = error instanceof KubewrightError && error.reported;
  return errorLines(serializeError(error), { theme, width, isShort }).join('\n');
}

/** The same as a step's event carries it; `after` follows the place: "failed after 4.2 s". */
export function errorLines(
  error: SerializedError,
  options: {
    readonly theme: Theme;
    readonly width: number;
    readonly isShort?: boolean | undefined;
    readonly after?: string | undefined;
  },
): readonly string[] {
  const { theme, width, isShort = false, after } = options;
  const { paint, marks } = theme;
  const inner = width - INDENT.length;
  const place = [error.host, error.step].filter((part) => part !== undefined).map((part) => clean(part));
  const message = cleanLines(error.message).flatMap((line) => wrap(line, inner));
  const mark = paint.red(marks.failed);
  const title = paint.bold(place.join(` ${marks.dot} `));
  const [first = '', ...others] = message;
  if (isShort && place.length > 0) return [`${mark} ${title}: ${first}`];
  // Without a place the message itself is the headline.
  const head =
    place.length === 0
      ? [`${mark} ${paint.bold(first)}`, ...others.map((line) => INDENT + line)]
      : [
          `${mark} ${title}${after === undefined ? '' : ` ${paint.dim(after)}`}`,
          ...message.map((line) => INDENT + line),
        ];
  if (isShort) return head;
  return [
    ...withCode(head, message.at(-1) ?? '', error, inner, theme),
    ...commandLines(error, theme),
    ...outputLines(error, inner, theme),
    ...hintLines(error, inner, theme),
  ];
}

/** The code, by which the reference of errors knows it, behind the message where it fits and else under it. */
function withCode(
  head: readonly string[],
  last: string,
  { code }: SerializedError,
  width: number,
  { paint }: Theme,
): readonly string[] {
  const shown = paint.dim(`(${code})`);
  if (widthOf(last) + code.length + 3 > width) return [...head, INDENT + shown];
  return [...head.slice(0, -1), `${head.at(-1)} ${shown}`];
}

const INDENT = '  ';
/** Of a script, its beginning tells enough: the whole is in the transcript. */
const COMMAND_LINES = 6;

function commandLines({ command }: SerializedError, { paint }: Theme): readonly string[] {
  if (command === undefined) return [];
  const [first = '', ...others] = cleanLines(command.trim());
  const shown = others.slice(0, COMMAND_LINES - 1);
  const left = others.length - shown.length;
  return [
    `${INDENT}${paint.cyan('$')} ${first}`,
    ...shown.map((line) => `${INDENT}  ${line}`),
    ...(left === 0 ? [] : [INDENT + paint.dim(`  (and ${left} more lines)`)]),
  ];
}

function outputLines({ output = [] }: SerializedError, width: number, { paint, marks }: Theme): readonly string[] {
  const lines = output.flatMap(cleanLines).flatMap((line) => wrap(line, width - 2));
  return lines.map((line) => INDENT + paint.dim(`${marks.edge} ${line}`));
}

/** What to do next: of this very error, or what is right for all of its kind. */
function hintLines({ hint, code }: SerializedError, width: number, { paint, marks }: Theme): readonly string[] {
  const lines = cleanLines(hint ?? ERROR_CODES[code].advice).flatMap((line) => wrap(line, width - 2));
  return lines.map((line, at) => `${INDENT}${at === 0 ? paint.yellow(marks.arrow) : ' '} ${line}`);
}

function cleanLines(text: string): readonly string[] {
  return text.split('\n').map((line) => clean(line));
}
