import type { z } from 'zod';
import { configFields, fieldsIn } from './fields.js';
import { nearest } from './nearest.js';
import { formatPath, type Path, type Problem } from './problem.js';
import { oneOf, shown } from './shown.js';
import { unavailable } from './unavailable.js';

type Issue = z.core.$ZodIssue;

/** What the schema found, in words for people: one problem for each mistake. `input` is the value that was checked. */
export function problemsOf(issues: readonly Issue[], input: unknown): readonly Problem[] {
  const problems = issues.flatMap((issue) => explained(issue, [], input));
  const meant = new Set(problems.map(({ suggests }) => suggests).filter((path) => path !== undefined));
  return problems.filter(({ missing }) => missing === undefined || !meant.has(missing)).map(({ problem }) => problem);
}

interface Explained {
  readonly problem: Problem;
  /** The field that an unknown key was meant to be. */
  readonly suggests?: string | undefined;
  /** The field that is missing: no second problem when an unknown key was meant to be it. */
  readonly missing?: string | undefined;
}

function explained(issue: Issue, base: Path, input: unknown): readonly Explained[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKeys(path, issue.keys, valueAt(input, path));
    case 'invalid_union':
      return explainedUnion(issue, path, input);
    case 'invalid_key':
      return issue.issues.map((inner) => ({ problem: failedCheck(inner, path, 'key', path.slice(0, -1)) }));
    case 'custom':
      return [{ problem: failedCheck(issue, path, 'value', path) }];
    default:
      return [valueAt(input, path) === undefined ? missingField(path) : wrongValue(issue, path, valueAt(input, path))];
  }
}

/** Of a union the problems of the one alternative that was meant, where that can be told; else what all alternatives are. */
function explainedUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  input: unknown,
): readonly Explained[] {
  const value = valueAt(input, path);
  const rightShape = issue.errors.filter(
    (branch) => !branch.some(({ code, path: inner }) => inner.length === 0 && /^invalid_(type|value)$/.test(code)),
  );
  const rightKeys = rightShape.filter((branch) => !branch.some(({ code }) => code === 'unrecognized_keys'));
  const meant = rightKeys.length === 1 ? rightKeys[0] : rightShape.length === 1 ? rightShape[0] : undefined;
  if (meant !== undefined) return meant.flatMap((inner) => explained(inner, path, input));
  const words = issue.errors.flat().flatMap((inner) => (inner.code === 'invalid_value' ? inner.values : []));
  return [wrongValue(issue, path, value, words)];
}

/** A check of the schema has words of its own, and often a hint. */
function failedCheck(issue: Issue, path: Path, at: 'key' | 'value', about: Path): Problem {
  const hint: unknown = issue.code === 'custom' ? issue.params?.['hint'] : undefined;
  return { ...error(path, at, about, issue.message), hint: typeof hint === 'string' ? hint : undefined };
}

function wrongValue(issue: Issue, path: Path, value: unknown, alternatives?: readonly unknown[]): Explained {
  if (path.length === 0) return { problem: wrongFile(value) };
  const words = alternatives ?? (issue.code === 'invalid_value' ? issue.values : []);
  const notHere = typeof value === 'string' ? unavailable(path, value) : undefined;
  const message = notHere ?? `${expectation(issue)}, got ${shown(value)}`;
  const hint = notHere === undefined ? hintFor(issue, value, words.map(String)) : undefined;
  return { problem: { ...error(path, 'value', path, message), hint } };
}

function expectation(issue: Issue): string {
  if (issue.message.startsWith('expected ')) return issue.message;
  if (issue.code === 'invalid_value') return `expected ${oneOf(issue.values.map(String))}`;
  return issue.code === 'invalid_type' ? `expected ${KINDS[issue.expected] ?? issue.expected}` : issue.message;
}

/** The schema's names of kinds of value, in words for people. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function hintFor(issue: Issue, value: unknown, words: readonly string[]): string | undefined {
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  if (issue.code === 'invalid_type' && issue.expected === 'string' && isScalar) return `Put it in quotes: "${value}".`;
  if (typeof value !== 'string') return undefined;
  if (issue.code === 'invalid_type' && /^-?\d+$/.test(value)) return 'Take the quotes away.';
  if (issue.code === 'invalid_type' && issue.expected === 'boolean') return 'YAML 1.2 has no other words for it.';
  const near = nearest(value, words);
  return near === undefined ? undefined : `Did you mean ${near}?`;
}

function missingField(path: Path): Explained {
  const name = path.at(-1);
  const field = fieldsIn(path.slice(0, -1)).find((one) => one.path.at(-1) === name);
  const problem = error(path, 'key', [], `${formatPath(path)} is missing`);
  return { problem: { ...problem, hint: field?.description }, missing: formatPath(path) };
}

function unknownKeys(path: Path, keys: readonly string[], mapping: unknown): readonly Explained[] {
  const known = fieldsIn(path).map((field) => field.path.at(-1) ?? '');
  const free = known.filter((name) => valueAt(mapping, [name]) === undefined);
  const place = path.length === 0 ? '' : ` in ${formatPath(path)}`;
  return keys.map((key) => {
    const notHere = unavailable(path, key);
    if (notHere !== undefined) return { problem: error([...path, key], 'key', path, notHere) };
    const near = nearest(key, free) ?? nearest(key, known);
    const problem = error([...path, key], 'key', [], `unknown key ${shown(key)}${place}`);
    const hint = homeOf(key) ?? (near === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean ${near}?`);
    return { problem: { ...problem, hint }, suggests: near === undefined ? undefined : formatPath([...path, near]) };
  });
}

/** Where a key that is unknown in one mapping would be at home. */
function homeOf(key: string): string | undefined {
  if (key === '<<') return 'Merge keys (<<) are not understood: write the fields out.';
  const home = configFields().find(({ path }) => path.length > 1 && path.at(-1) === key && !path.includes('*'));
  return home === undefined ? undefined : `It belongs into ${formatPath(home.path.slice(0, -1))}.`;
}

function wrongFile(value: unknown): Problem {
  const smallest = 'apiVersion: kubewright/v1alpha1, name: demo, provider: {local: {}}';
  const message = value === null ? 'the file is empty' : `expected a mapping, got ${shown(value)}`;
  return {
    ...error([], 'value', [], message),
    hint: `The smallest config is ${smallest}. \`kubewright init\` writes one.`,
  };
}

function error(path: Path, at: 'key' | 'value', about: Path, message: string): Problem {
  const prefix = about.length === 0 ? '' : `${formatPath(about)}: `;
  return { severity: 'error', path, at, message: `${prefix}${message}` };
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    return (value as Readonly<Record<string | number, unknown>>)[part];
  }, input);
}
