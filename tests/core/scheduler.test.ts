import { expect, test } from 'vitest';
import { KubewrightError } from '../../src/core/errors.js';
import type { StepEvent } from '../../src/core/events.js';
import { failureOf } from '../../src/core/graph-result.js';
import type { Step } from '../../src/core/step.js';
import { changing, current, reading, run, states } from './steps.js';

test('a step reads the outputs of what it needs, also of steps that were current', async () => {
  const result = await run([
    reading('facts', { read: async () => 6 }),
    current('made', { check: () => ({ kind: 'current', output: 7 }) }),
    changing('product', {
      needs: ['facts', 'made'],
      apply: async (context) => context.output<number>({ id: 'facts' }) * context.output<number>({ id: 'made' }),
    }),
  ]);
  expect(states(result)).toEqual(['facts: read', 'made: unchanged', 'product: changed']);
  expect(result.output({ id: 'product' })).toBe(42);
  expect(result).toMatchObject({ result: 'done', changed: 1, unchanged: 1 });
});

test('a slow host holds up only what needs it: there are no barriers', async () => {
  const order: string[] = [];
  let letSlowEnd = () => {};
  const slow = new Promise<void>((resolve) => {
    letSlowEnd = resolve;
  });
  const did = (id: string) => async () => void order.push(id);
  await run([
    reading('slow/one', { read: () => slow }),
    reading('slow/two', { needs: ['slow/one'], read: did('slow/two') }),
    reading('quick/one', { read: did('quick/one') }),
    reading('quick/two', { needs: ['quick/one'], read: did('quick/two') }),
    reading('quick/three', {
      needs: ['quick/two'],
      read: async () => {
        order.push('quick/three');
        letSlowEnd();
      },
    }),
  ]);
  expect(order).toEqual(['quick/one', 'quick/two', 'quick/three', 'slow/two']);
});

test('events tell each step from its beginning to its end', async () => {
  const { events } = await run([
    reading('a/look'),
    current('a/keep', { needs: ['a/look'] }),
    changing('a/mend', {
      needs: ['a/keep'],
      apply: async (context) => {
        context.progress(1, 2, 'items', 'half');
        context.line('one\ntwo', 'stderr');
      },
    }),
  ]);
  const mend = { type: 'step', id: 'a/mend', title: 'do mend', phase: 'test', host: 'a' };
  expect(events.map(({ type, ...rest }) => ('state' in rest ? `${type} ${rest.state}` : type))).toEqual([
    ...['step checking', 'step done', 'step checking', 'step done'],
    ...['step checking', 'step drifted', 'step applying', 'progress', 'output', 'output', 'step done'],
  ]);
  expect(events.slice(4)).toEqual([
    { ...mend, state: 'checking' },
    { ...mend, state: 'drifted', changes: [{ action: 'create', what: 'a/mend' }] },
    { ...mend, state: 'applying' },
    { type: 'progress', id: 'a/mend', done: 1, total: 2, unit: 'items', what: 'half' },
    { type: 'output', id: 'a/mend', host: 'a', stream: 'stderr', line: 'one' },
    { type: 'output', id: 'a/mend', host: 'a', stream: 'stderr', line: 'two' },
    { ...mend, state: 'done', result: 'changed', ms: expect.any(Number) },
  ]);
});

test('a failed step skips what needs it, near and far, and everything else goes on', async () => {
  const { events, ...result } = await run([
    changing('a/one', { apply: () => Promise.reject(new KubewrightError('timeout', 'the disk is slow')) }),
    changing('a/two', { needs: ['a/one'] }),
    changing('a/three', { needs: ['a/two', 'b/one'] }),
    changing('b/one'),
    changing('b/two', { needs: ['b/one'] }),
  ]);
  expect(states(result)).toEqual([
    'a/one: failed',
    'a/two: skipped',
    'a/three: skipped',
    'b/one: changed',
    'b/two: changed',
  ]);
  expect(result.result).toBe('failed');
  const skipped = events.filter((event): event is StepEvent => event.type === 'step' && event.state === 'skipped');
  expect(skipped.map((event) => 'because' in event && `${event.id} because ${event.because}`)).toEqual([
    'a/two because a/one',
    'a/three because a/one',
  ]);
});

test('an error says on which host and in which step it happened, and keeps what it said already', async () => {
  const result = await run([
    changing('a/one', {
      apply: () =>
        Promise.reject(new KubewrightError('remote-command-failed', 'exit 3', { command: 'false', output: ['no'] })),
    }),
  ]);
  expect(result.outcomes.get('a/one')?.error).toMatchObject({
    ...{
      code: 'remote-command-failed',
      message: 'exit 3',
      host: 'a',
      step: 'do one',
      command: 'false',
      output: ['no'],
    },
  });
});

test('what is not an error of ours is a bug: its stack is told', async () => {
  const result = await run([reading('a/one', { read: () => Promise.reject(new TypeError('x is not a function')) })]);
  const error = result.outcomes.get('a/one')?.error;
  expect(error).toMatchObject({ code: 'internal', message: 'TypeError: x is not a function', host: 'a' });
  expect(error?.output[0]).toMatch(/^at .*scheduler\.test/);
});

test('a step whose verification does not see what was claimed has failed', async () => {
  const result = await run([
    changing('a', { verify: () => Promise.reject(new KubewrightError('node-not-ready', 'a is not Ready')) }),
  ]);
  expect(result.outcomes.get('a')).toMatchObject({ state: 'failed', error: { message: 'a is not Ready' } });
  expect(result.output({ id: 'a' })).toBeUndefined();
});

test('asking for the output of a step that is not needed is refused: nothing promises that it is done', async () => {
  const result = await run([
    reading('a'),
    reading('b', { read: async (context) => context.output<string>({ id: 'a' }) }),
  ]);
  expect(result.outcomes.get('b')?.error?.message).toBe('b asked for the output of a without needing it');
});

test('a reader of events that throws does not leave the run half-way, but is heard of', async () => {
  let applied = 0;
  const steps = ['a', 'b'].map((id) => changing(id, { apply: async () => ++applied }));
  const emit = () => {
    throw new Error('the view is broken');
  };
  await expect(run(steps, { emit })).rejects.toThrow('the view is broken');
  expect(applied).toBe(2);
});

test('no steps are done at once', async () => {
  expect(await run([])).toMatchObject({ result: 'done', changed: 0, unchanged: 0 });
});

test('a limit without a size and a limit without room are refused before anything runs', async () => {
  const steps = [reading('a', { limits: ['upload'] })];
  await expect(run(steps)).rejects.toThrow('a is limited by upload, which has no size');
  await expect(run(steps, { limits: { upload: 0 } })).rejects.toThrow('nothing could ever run');
});

test('steps of a limited pool run in the order in which they became ready', async () => {
  const order: string[] = [];
  const limited = (id: string, needs: readonly string[] = []) =>
    reading(id, { needs, limits: ['one'], read: async () => void order.push(id) });
  await run([limited('a'), limited('d', ['a']), limited('b'), limited('c')], { limits: { one: 1 } });
  expect(order).toEqual(['a', 'b', 'c', 'd']);
});

test('1,000 hosts with 8 steps each all come to their end, at most 20 at once', async () => {
  let running = 0;
  let most = 0;
  const check = async () => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
    return { kind: 'drifted', changes: [] } as const;
  };
  const steps: Step[] = [];
  for (let host = 0; host < 1000; host++) {
    for (let at = 0; at < 8; at++) {
      const needs = at === 0 ? [] : [`h${host}/s${at - 1}`];
      if (at === 4 && host > 0) needs.push('h0/s3');
      steps.push(changing(`h${host}/s${at}`, { needs, limits: ['hosts'], check }));
    }
  }
  const result = await run(steps, { limits: { hosts: 20 } });
  expect(result).toMatchObject({ result: 'done', changed: 8000 });
  expect(most).toBe(20);
});

test('one failure is the error to end with, marked as told already; several are listed', async () => {
  const failing = (id: string) =>
    reading(id, {
      read: () => Promise.reject(new KubewrightError('timeout', `${id} is late\nvery`, { hint: 'wait' })),
    });
  const one = failureOf(await run([failing('a/one'), reading('b')]));
  expect(one).toMatchObject({ code: 'timeout', message: 'a/one is late\nvery', reported: true, hint: 'wait' });
  const two = failureOf(await run([failing('a/one'), failing('b/two'), reading('c', { needs: ['a/one'] })]));
  expect(two).toMatchObject({ code: 'steps-failed', reported: true });
  expect(two?.message).toBe(
    '2 steps failed; 1 that need them were skipped\n  a · do one: a/one is late\n  b · do two: b/two is late',
  );
  expect(failureOf(await run([reading('a')]))).toBeUndefined();
});
