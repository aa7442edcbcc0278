import type { JsonSchema } from '../../src/config/json-schema.js';
import { markdownTable, page, pageHead } from './markdown.js';

/** docs/reference/config.md: every field of cluster.yaml, from the JSON Schema that editors use too. */
export function configReference(schema: JsonSchema, examples: readonly Example[]): string {
  const top = Object.entries(properties(schema));
  return page([
    pageHead('cluster.yaml', 'src/config/schema'),
    'Only the fields marked as required must be there. Unknown fields are refused, with the nearest right name. `kubewright validate` checks a file without touching anything.',
    'For completion and checks while you type, let your editor use the schema: the first line of a file that `kubewright init` writes does it for editors with the YAML language server.',
    ...examples.flatMap(({ title, text }) => [`## ${title}`, `\`\`\`yaml\n${text.trimEnd()}\n\`\`\``]),
    '## Fields',
    ...top.flatMap(([name, field]) => section(name, field, required(schema).includes(name))),
  ]);
}

/** A whole configuration to begin with. */
export interface Example {
  readonly title: string;
  readonly text: string;
}

/** One row of a table of fields. */
interface Row {
  readonly path: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

function section(name: string, schema: JsonSchema, isRequired: boolean): readonly string[] {
  const rows = fieldRows(name, schema);
  const head = [`### ${name}`, sentence(schema, isRequired)];
  if (rows.length === 0) return head;
  return [
    ...head,
    markdownTable(
      ['Field', 'Type', 'Default', 'Meaning'],
      rows.map((row) => [`\`${row.path}\``, typeOf(row.schema), defaultOf(row), meaningOf(row.schema)]),
    ),
  ];
}

function sentence(schema: JsonSchema, isRequired: boolean): string {
  const fallback = schema.default === undefined ? '' : ` Default: \`${inline(schema.default)}\`.`;
  return `${schema.description ?? ''} Type: ${typeOf(schema)}.${isRequired ? ' Required.' : fallback}`.trim();
}

/** All fields below `schema`, depth first, under the names that a user writes; POOL and the like stand for names of one's own. */
function fieldRows(prefix: string, schema: JsonSchema): readonly Row[] {
  return alternatives(schema).flatMap((each) => {
    const own = Object.entries(properties(each)).flatMap(([name, field]) => [
      { path: `${prefix}.${name}`, schema: field, isRequired: required(each).includes(name) },
      ...fieldRows(`${prefix}.${name}`, field),
    ]);
    const named = each.additionalProperties;
    const ofNames = isSchema(named) ? fieldRows(`${prefix}.${prefix === 'nodes' ? 'POOL' : 'NAME'}`, named) : [];
    const ofItems = isSchema(each.items) ? fieldRows(`${prefix}[]`, each.items) : [];
    return [...own, ...ofNames, ...ofItems];
  });
}

function meaningOf(schema: JsonSchema): string {
  const examples = schema.examples?.map((example) => `\`${inline(example)}\``).join(', ');
  const text = schema.description ?? alternatives(schema)[0]?.description ?? '';
  return examples === undefined ? text : `${text} For example ${examples}.`;
}

function defaultOf({ schema, isRequired }: Row): string {
  if (isRequired) return 'required';
  return schema.default === undefined ? '' : `\`${inline(schema.default)}\``;
}

function typeOf(schema: JsonSchema): string {
  const choices = alternatives(schema);
  if (choices.length > 1 || choices[0] !== schema) return choices.map(typeOf).join(' or ');
  if (schema.const !== undefined) return `\`${inline(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${inline(value)}\``).join(' or ');
  if (schema.type === 'array') return isSchema(schema.items) ? `list of ${typeOf(schema.items)}` : 'list';
  if (schema.type === 'object') {
    const keys = Object.keys(properties(schema));
    return keys.length === 1 && keys[0] !== undefined ? `mapping with \`${keys[0]}\`` : 'mapping';
  }
  if (schema.type === 'integer' && schema.minimum !== undefined && schema.maximum !== undefined) {
    return `whole number, ${schema.minimum} to ${schema.maximum}`;
  }
  return { integer: 'whole number', boolean: '`true` or `false`', string: 'text' }[String(schema.type)] ?? 'any';
}

/** The shapes that a value may have; "nothing at all" (an empty section) goes without saying. */
function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  if (schema.anyOf === undefined) return [schema];
  return schema.anyOf.filter((each) => isSchema(each) && each.type !== 'null').flatMap(alternatives);
}

function properties(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  const fields = Object.entries(schema.properties ?? {}).filter((entry): entry is [string, JsonSchema] =>
    isSchema(entry[1]),
  );
  return Object.fromEntries(fields);
}

function required(schema: JsonSchema): readonly string[] {
  return schema.required ?? [];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inline(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
