import { describe, expect, expectTypeOf, test } from 'vitest';
import { type StreamLine, streamLine } from '../../src/cli/stream-schema.js';
import type { Event } from '../../src/core/events.js';
import { STATUS } from './results.js';
import { runCli } from './rig.js';

/** Each member of a union as one plain object, intersections resolved. */
type Flat<Union> = Union extends unknown ? { [Key in keyof Union]: Union[Key] } : never;

describe('the published schema of --output json', () => {
  test('describes exactly the events that there are', () => {
    expectTypeOf<Flat<Exclude<StreamLine, { readonly type: 'result' | 'error' }>>>().toEqualTypeOf<Flat<Event>>();
  });

  test('accepts the last line of a verb, whether it went well or not', async () => {
    const well = await runCli(['status', '-o', 'json'], { operations: { status: async () => STATUS } });
    const badly = await runCli(['nope', '-o', 'json']);
    for (const { stdout } of [well, badly]) expect(streamLine.safeParse(JSON.parse(stdout)).error).toBeUndefined();
  });

  test('refuses what nobody described', () => {
    expect(streamLine.safeParse({ type: 'note', level: 'info', text: 'x', more: 1 }).success).toBe(false);
    expect(streamLine.safeParse({ type: 'step', state: 'done' }).success).toBe(false);
  });
});
