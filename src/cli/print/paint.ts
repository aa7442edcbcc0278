import { styleText } from 'node:util';

/** Colours text, or leaves it alone. Meaning never hangs on colour: words and marks say the same. */
export type Paint = Readonly<Record<Colour, (text: string) => string>>;

type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

const COLOURS: readonly Colour[] = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'];

/** The colours, or with `false` functions that give back what they get. */
export function createPaint(enabled: boolean): Paint {
  const paint = (colour: Colour) => (text: string) =>
    // Whether to colour was decided by the caller; styleText is not to look at a stream of its own choice.
    enabled && text !== '' ? styleText(colour, text, { validateStream: false }) : text;
  return Object.fromEntries(COLOURS.map((colour) => [colour, paint(colour)])) as Paint;
}

/**
 * Should this stream get colours? NO_COLOR (any value, https://no-color.org) forbids, FORCE_COLOR (but "0")
 * demands, and otherwise a terminal that is not "dumb" gets them.
 */
export function wantsColour(
  stream: { readonly isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
