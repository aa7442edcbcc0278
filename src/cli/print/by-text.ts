import { clean } from '../../ui/text.js';

/** Lines of "names: text", indented; what is said of several is said once. Without a name it concerns them all. */
export function byText(
  said: readonly { readonly name: string | undefined; readonly text: string }[],
): readonly string[] {
  const names = new Map<string, string[]>();
  for (const { name, text } of said) {
    const known = names.get(text) ?? [];
    names.set(text, name === undefined ? known : [...known, clean(name)]);
  }
  return [...names].map(([text, of]) => `  ${of.length === 0 ? '' : `${named(of)}: `}${clean(text)}`);
}

function named(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(', ');
  return `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`;
}

const MOST_NAMES = 4;
