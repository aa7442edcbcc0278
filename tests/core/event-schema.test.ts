import { expect, test } from 'vitest';
import * as z from 'zod';
import { encodeLine } from '../../src/core/event-line.js';
import { eventReference } from '../../src/core/event-reference.js';
import { eventJsonSchema, type eventSchema, LINE_SCHEMAS } from '../../src/core/event-schema.js';
import type { Event } from '../../src/core/events.js';
import type { Same } from '../same-type.js';
import { changing, current, reading, run } from './steps.js';

test('the schema of events is the type of events, field by field', () => {
  // Checked by the compiler: a field in only one of them makes this line fail to compile.
  const same: Same<z.infer<typeof eventSchema>, Event> = true;
  const different: Same<z.infer<typeof eventSchema>, Exclude<Event, { type: 'note' }>> = false;
  const optional: Same<{ a: string; b?: string | undefined }, { a: string }> = false;
  expect([same, different, optional]).toEqual([true, false, false]);
});

test('all that a run emits is valid by the schema, once in lines', async () => {
  const { events } = await run([
    reading('a/look'),
    current('a/keep'),
    changing('a/mend', {
      apply: async (context) => {
        context.line('hello');
        context.progress(1, undefined, 'bytes');
      },
    }),
    reading('a/fail', { read: () => Promise.reject(new Error('no')) }),
    reading('a/after', { needs: ['a/fail'] }),
  ]);
  const line = z.union(LINE_SCHEMAS);
  expect(new Set(events.map((event) => ('state' in event ? event.state : event.type)))).toEqual(
    new Set(['checking', 'done', 'drifted', 'applying', 'output', 'progress', 'failed', 'skipped']),
  );
  for (const event of events) {
    const parsed: unknown = JSON.parse(encodeLine(event, new Date(0)));
    expect(line.safeParse(parsed).error).toBeUndefined();
  }
});

test('a line says its version and its time, and a newline inside a text does not end it', () => {
  const line = encodeLine({ type: 'note', level: 'info', text: 'two\nlines' }, new Date(1_790_000_000_000));
  expect(line).toBe('{"v":1,"at":"2026-09-21T14:13:20.000Z","type":"note","level":"info","text":"two\\nlines"}\n');
});

test('the JSON Schema lets a later version add fields, but no line do without version and time', () => {
  const schema = eventJsonSchema();
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  expect(schema.anyOf).toHaveLength(LINE_SCHEMAS.length);
  expect(JSON.stringify(schema)).not.toContain('additionalProperties');
  for (const kind of schema.anyOf ?? []) expect(kind).toMatchObject({ required: expect.arrayContaining(['v', 'at']) });
});

test('the reference has a section for each kind of line and a row for each field', () => {
  const text = eventReference();
  expect(text.match(/^## .*$/gm)).toEqual([
    ...['## run: started', '## run: finished', '## step: checking, applying', '## step: drifted', '## step: done'],
    ...['## step: failed', '## step: skipped', '## step: unknown', '## progress', '## output', '## note'],
    ...['## result', '## error'],
  ]);
  expect(text).toContain('| `changes[].diff` (optional) | string | A unified diff');
  expect(text).toContain('| `error.code` | string | See the reference of errors. |');
  expect(text).toContain('| `state` | `"checking"`, `"applying"` |  |');
});
