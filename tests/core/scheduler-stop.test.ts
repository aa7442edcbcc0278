import { expect, test } from 'vitest';
import { KubewrightError } from '../../src/core/errors.js';
import { failureOf } from '../../src/core/graph-result.js';
import type { StepContext } from '../../src/core/step.js';
import { createManualClock, settled } from './manual-clock.js';
import { changing, reading, run, states } from './steps.js';

/** A promise that the test settles. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** Work that goes on until its signal says otherwise. */
const untilAborted = (context: StepContext) =>
  new Promise<never>((_, reject) => {
    context.signal.addEventListener('abort', () => reject(new KubewrightError('interrupted', 'docker was stopped')));
  });

test('stop lets what runs finish and starts nothing new', async () => {
  const stop = new AbortController();
  const { open, opened } = gate();
  const running = run(
    [
      changing('a', { apply: () => opened, verify: async () => {} }),
      changing('b', { needs: ['a'] }),
      changing('c', { limits: ['one'], apply: () => opened }),
      changing('d', { limits: ['one'] }),
    ],
    { stop: stop.signal, limits: { one: 1 } },
  );
  await settled();
  stop.abort();
  open();
  const result = await running;
  expect(states(result)).toEqual(['a: changed', 'b: not-started', 'c: changed', 'd: not-started']);
  expect(result.result).toBe('interrupted');
  expect(failureOf(result)).toMatchObject({ code: 'interrupted', message: 'stopped after 2 of 4 steps' });
});

test('a step that was only looking when stop came changes nothing', async () => {
  const stop = new AbortController();
  const { open, opened } = gate();
  const applied: string[] = [];
  const running = run(
    [
      changing('a', {
        async check() {
          await opened;
          return { kind: 'drifted', changes: [] };
        },
        apply: async () => applied.push('a'),
      }),
    ],
    { stop: stop.signal },
  );
  await settled();
  stop.abort();
  open();
  const result = await running;
  expect(states(result)).toEqual(['a: drifted']);
  expect(result.result).toBe('interrupted');
  expect(applied).toEqual([]);
});

test('a run stopped before it began does nothing; stopped when all was done anyway it is done', async () => {
  const before = await run([reading('a')], { stop: AbortSignal.abort() });
  expect(before).toMatchObject({ result: 'interrupted' });
  expect(states(before)).toEqual(['a: not-started']);
  const stop = new AbortController();
  const late = await run([reading('a', { read: async () => stop.abort() })], { stop: stop.signal });
  expect(late.result).toBe('done');
});

test('abort ends what runs through its signal, and skips nothing: nothing has failed', async () => {
  const abort = new AbortController();
  const running = run(
    [
      changing('h/a', { apply: untilAborted }),
      changing('h/b', { needs: ['h/a'] }),
      changing('h/c', { needs: ['h/b'] }),
    ],
    { abort: abort.signal },
  );
  await settled();
  abort.abort();
  const result = await running;
  expect(states(result)).toEqual(['h/a: failed', 'h/b: not-started', 'h/c: not-started']);
  expect(result.outcomes.get('h/a')?.error).toMatchObject({ code: 'interrupted', message: '"do a" was interrupted' });
  expect(result.result).toBe('interrupted');
});

test('an aborted step that ends well after all has ended well', async () => {
  const abort = new AbortController();
  const { open, opened } = gate();
  const running = run([changing('a', { apply: () => opened })], { abort: abort.signal });
  await settled();
  abort.abort();
  open();
  expect((await running).result).toBe('done');
});

test('a step that ignores the abort is left behind after the grace, and what it says later is not heard', async () => {
  const clock = createManualClock();
  const abort = new AbortController();
  const { open, opened } = gate();
  let late: StepContext | undefined;
  const running = run(
    [
      changing('a', {
        apply: async (context) => {
          late = context;
          await opened;
          throw new Error('too late');
        },
      }),
    ],
    { abort: abort.signal, clock, graceMs: 5000 },
  );
  await settled();
  abort.abort();
  await clock.advance(4999);
  const seen = await Promise.race([running, 'still running']);
  expect(seen).toBe('still running');
  await clock.advance(1);
  const { events, ...result } = await running;
  expect(result.outcomes.get('a')).toMatchObject({ state: 'failed', ms: 5000, error: { code: 'interrupted' } });
  const before = events.length;
  late?.line('hello');
  open();
  await settled();
  expect(events).toHaveLength(before);
});

test('a deadline ends a step and says which, where, how long, and what was heard last', async () => {
  const clock = createManualClock();
  const running = run(
    [
      changing('h/import', {
        timeoutMs: 120_000,
        apply: (context) => {
          for (let at = 1; at <= 12; at++) context.line(`line ${at}`);
          context.progress(3, 7, 'items', 'kube-proxy');
          return untilAborted(context);
        },
      }),
      changing('h/next', { needs: ['h/import'] }),
    ],
    { clock },
  );
  await clock.advance(120_000);
  const result = await running;
  expect(states(result)).toEqual(['h/import: failed', 'h/next: skipped']);
  expect(result.outcomes.get('h/import')?.error).toMatchObject({
    code: 'timeout',
    message: '"do import" did not finish within 2 min (it was at 3 of 7 items, kube-proxy)',
    host: 'h',
    step: 'do import',
    retryable: true,
    output: Array.from({ length: 10 }, (_, at) => `line ${at + 3}`),
  });
  expect(result.result).toBe('failed');
});

test('check, apply and verify each have the whole deadline', async () => {
  const clock = createManualClock();
  const wait = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));
  const patient = changing('a', {
    timeoutMs: 1000,
    check: async () => {
      await wait(900);
      return { kind: 'drifted', changes: [] };
    },
    apply: () => wait(900),
    verify: () => wait(900),
  });
  const running = run([patient], { clock });
  await clock.advance(2700);
  expect((await running).outcomes.get('a')).toMatchObject({ state: 'changed', ms: 2700 });
});

test('each deadline says what it was that did not come', async () => {
  const message = async (parts: Parameters<typeof changing>[1]) => {
    const clock = createManualClock();
    const running = run([changing('a', { timeoutMs: 5000, ...parts })], { clock, graceMs: 0 });
    await clock.advance(5000);
    return (await running).outcomes.get('a')?.error?.message;
  };
  const never = () => new Promise<never>(() => {});
  expect(await message({ check: never })).toBe('looking whether to "do a" did not finish within 5.0 s');
  expect(await message({ apply: never })).toBe('"do a" did not finish within 5.0 s');
  expect(await message({ verify: never })).toBe(
    '"do a" was done, but what it should bring about was not seen within 5.0 s',
  );
});

test('what a step says of its own wait, and the command it waited for, are kept at its deadline', async () => {
  const atDeadline = async (thrown: KubewrightError) => {
    const clock = createManualClock();
    const apply = (context: StepContext) =>
      new Promise<never>((_, reject) => context.signal.addEventListener('abort', () => reject(thrown)));
    const running = run([changing('h/a', { timeoutMs: 5000, apply })], { clock });
    await clock.advance(5000);
    return (await running).outcomes.get('h/a')?.error;
  };
  expect(await atDeadline(new KubewrightError('timeout', 'node w-1 is not Ready: no CNI'))).toMatchObject({
    ...{ message: 'node w-1 is not Ready: no CNI', host: 'h', step: 'do a' },
  });
  const stopped = new KubewrightError('interrupted', 'ssh was stopped', {
    command: 'kubeadm init',
    output: ['[wait]'],
  });
  expect(await atDeadline(stopped)).toMatchObject({
    ...{ code: 'timeout', message: '"do a" did not finish within 5.0 s', command: 'kubeadm init', output: ['[wait]'] },
  });
});

test('a step that says it was interrupted though nothing was stopped has failed like any other', async () => {
  const give = () => Promise.reject(new KubewrightError('interrupted', 'the engine went away'));
  const result = await run([reading('a', { read: give }), reading('b', { needs: ['a'] })]);
  expect(states(result)).toEqual(['a: failed', 'b: skipped']);
  expect(result.result).toBe('failed');
  expect(failureOf(result)?.message).toBe('the engine went away');
});
