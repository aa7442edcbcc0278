import { printable } from './printable.js';

/** A value as messages show it: short, on one line, and harmless whatever it holds. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return `"${printable(cut(value))}"`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value !== 'object') return String(value);
  const keys = Object.keys(value);
  if (keys.length === 0) return 'an empty mapping';
  const first = keys.slice(0, 3).map((key) => `${printable(cut(key))}: …`);
  return `{${[...first, ...(keys.length > 3 ? ['…'] : [])].join(', ')}}`;
}

/** "docker or podman", "auto, upstream or build". */
export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function cut(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
