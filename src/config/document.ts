import { type Document, isScalar, type ParsedNode, parseDocument, visit, type YAMLError } from 'yaml';
import { nestingBeyond } from './nesting.js';
import { shown } from './shown.js';
import type { Span } from './span.js';

/** The parsed file with its comments and places: what a later edit starts from. */
export type ConfigDocument = Document.Parsed<ParsedNode>;

/** Something wrong with a text as YAML. */
export interface SyntaxProblem {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly span: Span;
}

export interface ReadDocument {
  readonly document: ConfigDocument;
  /** The plain value; undefined where the problems leave none worth looking at. */
  readonly value: unknown;
  readonly problems: readonly SyntaxProblem[];
}

const MAX_DEPTH = 50;
const MAX_ALIASES = 100;

/**
 * Reads YAML 1.2 and says the place of every problem. Refused beside what is no YAML: keys that stand twice, a second
 * document, tags, raw control characters, nesting deeper than any config needs, and aliases that grow out of hand.
 */
export function readDocument(text: string): ReadDocument {
  const deep = nestingBeyond(MAX_DEPTH, text);
  if (deep !== undefined) {
    const message = `more than ${MAX_DEPTH} mappings or lists stand in each other here`;
    return { document: parse(''), value: undefined, problems: [{ message, span: [deep, deep + 1] }] };
  }
  const document = parse(text);
  const fatal = oncePerPlace([...controlCharacters(text), ...syntaxErrors(document), ...aliasProblems(document)]);
  const problems = [...fatal, ...keyProblems(document)];
  if (fatal.length > 0) return { document, value: undefined, problems };
  try {
    return { document, value: document.toJS({ maxAliasCount: MAX_ALIASES }), problems };
  } catch {
    const problem = { message: 'its aliases (*) multiply out of hand', span: aliasesOf(document)[0]?.span ?? [0, 1] };
    return { document, value: undefined, problems: [...problems, problem] };
  }
}

function parse(text: string): ConfigDocument {
  return parseDocument(text, { version: '1.2', stringKeys: true, uniqueKeys: false, prettyErrors: false });
}

/** One mistake often makes the parser stumble several times on the same spot. */
function oncePerPlace(problems: readonly SyntaxProblem[]): readonly SyntaxProblem[] {
  const byPlace = new Map<number, SyntaxProblem>();
  for (const problem of problems) if (!byPlace.has(problem.span[0])) byPlace.set(problem.span[0], problem);
  return [...byPlace.values()];
}

function syntaxErrors(document: ConfigDocument): readonly SyntaxProblem[] {
  return [...document.errors, ...document.warnings].map((error) => ({ ...explained(error), span: error.pos }));
}

function explained({ code, message }: YAMLError): Omit<SyntaxProblem, 'span'> {
  switch (code) {
    case 'MULTIPLE_DOCS':
      return { message: 'a second document begins here', hint: 'One file describes one cluster: give each its own.' };
    case 'TAG_RESOLVE_FAILED':
      return { message: 'tags (!) are not understood', hint: 'Write plain values; text that begins with ! in quotes.' };
    case 'NON_STRING_KEY':
      return { message: 'a key must be a plain text' };
    default:
      return { message: `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}` };
  }
}

/** The first raw control character (YAML 1.2 §5.1 has none but tab and line breaks in a text). */
function controlCharacters(text: string): readonly SyntaxProblem[] {
  const at = text.search(/(?![\t\n\r\u0085])\p{Cc}/u);
  if (at === -1) return [];
  return [{ message: `a control character, ${shown(text.charAt(at))}, stands in the text`, span: [at, at + 1] }];
}

function aliasProblems(document: ConfigDocument): readonly SyntaxProblem[] {
  const aliases = aliasesOf(document);
  const excess = aliases[MAX_ALIASES];
  if (excess !== undefined) return [{ message: `more than ${MAX_ALIASES} aliases (*)`, span: excess.span }];
  return aliases
    .filter(({ isKnown }) => !isKnown())
    .map(({ name, span }) => ({ message: `the alias *${name} has no anchor &${name} before it`, span }));
}

interface AliasPlace {
  readonly name: string;
  readonly span: Span;
  /** Looks through the whole document. */
  readonly isKnown: () => boolean;
}

function aliasesOf(document: ConfigDocument): readonly AliasPlace[] {
  const aliases: AliasPlace[] = [];
  visit(document, {
    Alias(_, alias) {
      const [start, end] = alias.range ?? [0, 1];
      aliases.push({ name: alias.source, span: [start, end], isKnown: () => alias.resolve(document) !== undefined });
    },
  });
  return aliases;
}

function keyProblems(document: ConfigDocument): readonly SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        const [start, end] = key.range ?? [0, 1];
        if (seen.has(name)) {
          const hint = 'Each key stands once in a mapping: take one of them out.';
          problems.push({ message: `${shown(name)} stands here a second time`, hint, span: [start, end] });
        }
        if (name === '__proto__') problems.push({ message: '"__proto__" cannot be a key', span: [start, end] });
        seen.add(name);
      }
    },
  });
  return problems;
}
