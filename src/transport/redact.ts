import { quote } from './command.js';

/**
 * Makes a function that puts *** in the place of every secret, and of the forms in which programs tend to repeat
 * one: quoted for a shell, escaped as JSON or in a URL, in base64, and the single lines of a key or certificate.
 */
export function createMask(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.flatMap(spellings))].filter((form) => form.trim() !== '');
  if (forms.length === 0) return (text) => text;
  // Longest first, so that a secret that contains another is masked whole.
  forms.sort((a, b) => b.length - a.length);
  const pattern = new RegExp(forms.map(escapeForPattern).join('|'), 'g');
  return (text) => text.replace(pattern, '***');
}

/** Length of the longest form that `createMask` would look for: how much text must be seen before any of it may be shown. */
export function longestSecret(secrets: readonly string[]): number {
  return Math.max(0, ...secrets.flatMap(spellings).map((form) => form.length));
}

/** Lines of a multi-line secret that are shorter than this say too little and occur by chance ("}", "-----"). */
const SHORTEST_LINE = 8;

function spellings(secret: string): string[] {
  const lines = secret.split('\n').filter((line) => line.length >= SHORTEST_LINE);
  const wholes = [secret, secret.trim()];
  return [
    ...wholes,
    ...(secret.includes('\n') ? lines : []),
    ...wholes.flatMap((whole) => [
      inside(JSON.stringify(whole)),
      encodeURIComponentSafely(whole),
      Buffer.from(whole).toString('base64'),
      ...(whole.includes("'") && !whole.includes('\0') ? [inside(quote(whole))] : []),
    ]),
  ];
}

function inside(quoted: string): string {
  return quoted.slice(1, -1);
}

/** encodeURIComponent throws on half a surrogate pair, which no secret that was typed contains. */
function encodeURIComponentSafely(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}

function escapeForPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
