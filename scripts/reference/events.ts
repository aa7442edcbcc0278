import * as z from 'zod';
import { STREAM_LINES, streamLine } from '../../src/cli/stream-schema.js';
import type { JsonSchema } from '../../src/config/json-schema.js';
import { markdownTable, page, pageHead } from './markdown.js';

/** schema/events.v1.json: one line of `--output json`. */
export function eventSchema(): JsonSchema {
  return {
    $id: 'https://unpkg.com/kubewright/schema/events.v1.json',
    title: 'A line of `kubewright --output json`',
    ...z.toJSONSchema(streamLine, { target: 'draft-2020-12' }),
  };
}

/** docs/reference/events.md: every kind of line with its fields. */
export function eventReference(): string {
  return page([
    pageHead('The JSON stream', 'src/cli/stream-schema.ts'),
    'With `--output json` standard output is one JSON object a line. Lines of a run come as things happen; the last line is the result, or the error where there is none. With `--quiet` there is only that last line. [schema/events.v1.json](../../schema/events.v1.json) is its JSON Schema: fields may be added within v1, none is taken away or changes its meaning.',
    '```sh\n# The names of the nodes that are not Ready\nkubewright status -o json | jq -r \'select(.type=="result").result.nodes[] | select(.ready|not).name\'\n```',
    ...Object.entries(STREAM_LINES).flatMap(([name, line]) => kind(name, z.toJSONSchema(line))),
  ]);
}

function kind(name: string, schema: JsonSchema): readonly string[] {
  const required = schema.required ?? [];
  const rows = Object.entries(schema.properties ?? {}).map(([field, type]) => [
    `\`${field}\`${required.includes(field) ? '' : ' (may be absent)'}`,
    typeof type === 'boolean' ? '' : typeOf(type),
    typeof type === 'boolean' ? '' : (type.description ?? ''),
  ]);
  return [`## ${name}`, schema.description ?? '', markdownTable(['Field', 'Value', 'Meaning'], rows)];
}

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(' or ');
  if (schema.type === 'array' && typeof schema.items === 'object' && !Array.isArray(schema.items)) {
    return `list of ${typeOf(schema.items)}`;
  }
  if (schema.type !== 'object') return schema.type === undefined ? 'anything' : String(schema.type);
  return `object with ${Object.keys(schema.properties ?? {})
    .map((field) => `\`${field}\``)
    .join(', ')}`;
}
