import { isSeq } from 'yaml';
import { readDocument } from '../document.js';
import { withEntry, withoutEntry } from './entries.js';
import { withField, withoutField, withValue } from './fields.js';
import { nodeAt, spanOf } from './place.js';

/** The text in which a pool, which has a `count`, has this `count` and these numbers in `except`. */
export function withNumbers(text: string, pool: string, count: number, except: readonly number[]): string {
  return withExcept(withCount(text, pool, count), pool, except);
}

function withCount(text: string, pool: string, count: number): string {
  const path = ['nodes', pool, 'count'];
  const { document } = readDocument(text);
  return nodeAt(document, path)?.toJS(document) === count ? text : withValue(text, path, String(count));
}

function withExcept(text: string, pool: string, except: readonly number[]): string {
  const path = ['nodes', pool, 'except'];
  const { document } = readDocument(text);
  const list = nodeAt(document, path);
  if (!isSeq(list)) {
    return except.length === 0 ? text : withField(text, ['nodes', pool], 'count', [`except: [${except.join(', ')}]`]);
  }
  const current: readonly number[] = list.toJS(document);
  if (isSame(current, except)) return text;
  if (except.length === 0) return withoutField(text, path);
  const written = text.slice(...spanOf(list));
  if (list.flow !== true || written.includes('#')) return entryByEntry(text, pool, current, except);
  const padding = /^\[ +\S/.test(written) ? ' ' : '';
  return withValue(text, path, `[${padding}${except.join(', ')}${padding}]`);
}

/** Keeps the comments beside the numbers that stay. New ones come first, so that the list is never empty. */
function entryByEntry(text: string, pool: string, current: readonly number[], except: readonly number[]): string {
  const path = ['nodes', pool, 'except'];
  const numbers = [...current];
  let edited = text;
  for (const number of except.filter((one) => !current.includes(one))) {
    const larger = numbers.findIndex((one) => one > number);
    const index = larger === -1 ? numbers.length : larger;
    edited = withEntry(edited, path, index, [String(number)]);
    numbers.splice(index, 0, number);
  }
  for (const number of current.filter((one) => !except.includes(one))) {
    edited = withoutEntry(edited, path, numbers.indexOf(number));
    numbers.splice(numbers.indexOf(number), 1);
  }
  return edited;
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((number) => b.includes(number));
}
