import type * as z from 'zod';
import { EVENT_SCHEMA_URL, eventJsonSchema } from './event-schema.js';

type Schema = z.core.JSONSchema.BaseSchema;

/** The text of docs/reference/events.md, made from the schema: one section a kind of line, one row a field. */
export function eventReference(): string {
  const kinds = eventJsonSchema().anyOf?.flatMap((schema) => (typeof schema === 'object' ? [schema] : [])) ?? [];
  return [
    '# Events',
    '',
    'With `--output json` every verb prints one JSON object a line: events as they happen, and as the last line the',
    'result or the error. The file `events.ndjson` in the folder of a run holds the same events. Each line has',
    '`v`, the version of the format (1: fields may be added, none is removed or changed), and `at`, the time in UTC.',
    '',
    `The JSON Schema of a line is \`schema/events.v1.json\` in the package (<${EVENT_SCHEMA_URL}>).`,
    '',
    '```console',
    '$ kubewright up -o json | jq -r \'select(.state == "failed") | .error.message\'',
    '```',
    '',
    ...kinds.flatMap(section),
  ].join('\n');
}

/** What stands in every line, or in the heading. */
const TOLD_ABOVE = new Set(['v', 'at', 'type']);

function section(schema: Schema): readonly string[] {
  const fields = Object.entries(schema.properties ?? {}).filter(([name]) => !TOLD_ABOVE.has(name));
  return [
    `## ${heading(schema)}`,
    '',
    schema.description ?? '',
    '',
    '| Field | Type | Meaning |',
    '| --- | --- | --- |',
    ...fields.flatMap(([name, field]) => rows(name, asSchema(field), schema.required?.includes(name) ?? false)),
    '',
  ];
}

/** "step: done", from the fields that tell one kind of line from another. */
function heading({ properties = {} }: Schema): string {
  const type = asSchema(properties['type']).const;
  const state = asSchema(properties['state']);
  const states = state.const === undefined ? (state.enum ?? []) : [state.const];
  return states.length === 0 ? `${type}` : `${type}: ${states.join(', ')}`;
}

function rows(name: string, field: Schema, required: boolean): readonly string[] {
  const own = `| \`${name}\`${required ? '' : ' (optional)'} | ${typeOf(field)} | ${cell(field.description ?? '')} |`;
  const inner = field.type === 'array' ? asSchema(field.items) : field;
  const nested = Object.entries(inner.properties ?? {}).flatMap(([key, value]) =>
    rows(
      `${name}${field.type === 'array' ? '[]' : ''}.${key}`,
      asSchema(value),
      inner.required?.includes(key) ?? false,
    ),
  );
  return [own, ...nested];
}

function typeOf(field: Schema): string {
  if (field.const !== undefined) return `\`${JSON.stringify(field.const)}\``;
  // The codes of errors have a page of their own.
  if (field.enum !== undefined && field.enum.length <= 6) {
    return field.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  }
  if (field.type === 'array') return `list of ${typeOf(asSchema(field.items))}s`;
  return typeof field.type === 'string' ? field.type : 'anything';
}

function asSchema(value: unknown): Schema {
  return isSchema(value) ? value : {};
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
