import { styleText } from 'node:util';

/** How things look: colours, and the few signs that are not letters. */
export interface Theme {
  readonly paint: Paint;
  readonly marks: Marks;
}

/** Colours text, or leaves it alone. Meaning never hangs on colour: words and marks say the same. */
export type Paint = Readonly<Record<Colour, (text: string) => string>>;

/** Each one column wide, but for the ellipsis in ASCII. */
export interface Marks {
  readonly done: string;
  readonly running: string;
  readonly failed: string;
  readonly waiting: string;
  readonly skipped: string;
  readonly warning: string;
  readonly bar: string;
  readonly barRest: string;
  readonly edge: string;
  readonly arrow: string;
  readonly dot: string;
  readonly ellipsis: string;
}

/** An environment as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

const UNICODE: Marks = {
  ...{ done: '✓', running: '●', failed: '✗', waiting: '○', skipped: '–', warning: '▲' },
  ...{ bar: '━', barRest: '─', edge: '│', arrow: '→', dot: '·', ellipsis: '…' },
};

const ASCII: Marks = {
  ...{ done: '+', running: '*', failed: 'x', waiting: '.', skipped: '-', warning: '!' },
  ...{ bar: '=', barRest: '-', edge: '|', arrow: '>', dot: '-', ellipsis: '...' },
};

/** The theme for a stream in an environment. */
export function themeFor(stream: { readonly isTTY?: boolean | undefined }, env: Environment): Theme {
  return { paint: createPaint(wantsColour(stream, env)), marks: marksFor(isUnicode(env)) };
}

/** The signs, or with `false` their likenesses in ASCII. */
export function marksFor(unicode: boolean): Marks {
  return unicode ? UNICODE : ASCII;
}

/** The colours, or with `false` functions that give back what they get. */
export function createPaint(enabled: boolean): Paint {
  const paint = (colour: Colour) => (text: string) =>
    // Whether to colour was decided by the caller; styleText is not to look at a stream of its own choice.
    enabled && text !== '' ? styleText(colour, text, { validateStream: false }) : text;
  return {
    ...{ bold: paint('bold'), dim: paint('dim'), red: paint('red') },
    ...{ green: paint('green'), yellow: paint('yellow'), cyan: paint('cyan') },
  };
}

/**
 * Should this stream get colours? NO_COLOR (any value, https://no-color.org) forbids, FORCE_COLOR (but "0")
 * demands, and otherwise a terminal that is not "dumb" gets them.
 */
export function wantsColour(stream: { readonly isTTY?: boolean | undefined }, env: Environment): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** Does the locale's character set have more than ASCII? As POSIX has it: LC_ALL before LC_CTYPE before LANG. */
export function isUnicode(env: Environment): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => (value ?? '') !== '');
  if (locale !== undefined) return /utf-?8/i.test(locale);
  // macOS and the terminals of Windows are UTF-8 without saying so.
  return process.platform === 'darwin' || process.platform === 'win32';
}
