import { expect, test } from 'vitest';
import type { Event, StepEvent } from '../../src/core/events.js';
import { createTracker } from '../../src/ui/tracker.js';
import { story } from './story.js';

const started: Event = {
  ...{ type: 'run', state: 'started', verb: 'up', cluster: 'demo', steps: 3 },
  hosts: [
    { name: 'a', role: 'worker', steps: 2 },
    { name: 'b', role: 'worker', steps: 1 },
  ],
  phases: [
    { name: 'boot', steps: 2 },
    { name: 'join', steps: 1 },
  ],
};
const step = (id: string, phase: string, rest: Partial<StepEvent>) =>
  ({ type: 'step', id, title: `do ${id}`, phase, host: id.split('/')[0], ...rest }) as StepEvent;
const finished: Event = { type: 'run', state: 'finished', result: 'done', changed: 1, unchanged: 2, ms: 90 };

/** What is said by these events, one after the other 10 ms apart, and the view they leave. */
function follow(events: readonly Event[]) {
  const tracker = createTracker();
  const said = events.map((event, at) => tracker.apply(event, at * 10));
  return { view: tracker.view, said, all: said.flat() };
}

test('rows are there from the beginning, in the given order, and wait', () => {
  const { view } = follow([started]);
  expect(view).toMatchObject({ run: { verb: 'up', cluster: 'demo', startedAt: 0 }, total: 3, ended: 0 });
  expect(view.hosts.map(({ name, running, total }) => [name, running.length, total])).toEqual([
    ['a', 0, 2],
    ['b', 0, 1],
  ]);
  expect(view.here).toBeUndefined();
});

test('a step runs from its check to its end, the longest running one first', () => {
  const { view } = follow([
    started,
    step('a/one', 'boot', { state: 'checking' }),
    step('a/two', 'boot', { state: 'checking' }),
    step('a/one', 'boot', { state: 'drifted', changes: [] }),
    step('a/one', 'boot', { state: 'applying' }),
  ]);
  expect(view.hosts[0]?.running.map(({ id, startedAt }) => [id, startedAt])).toEqual([
    ['a/one', 10],
    ['a/two', 20],
  ]);
  expect(view.ended).toBe(0);
});

test('progress and the last line of output belong to the step; control characters do not come through', () => {
  const { view } = follow([
    started,
    step('a/one', 'boot', { state: 'checking' }),
    { type: 'progress', id: 'a/one', done: 1, total: 2, unit: 'items', what: 'x\u001b[2J' },
    { type: 'output', id: 'a/one', host: 'a', stream: 'stdout', line: '10%\r\u001b[31m20%' },
    { type: 'output', id: 'a/one', host: 'a', stream: 'stdout', line: '' },
    { type: 'output', id: 'a/gone', host: 'a', stream: 'stdout', line: 'of no step' },
  ]);
  expect(view.hosts[0]?.running[0]).toMatchObject({ line: '20%', progress: { done: 1, total: 2, what: 'x' } });
});

test('a phase is told when its last step has ended, also while others go on', () => {
  const { said } = follow([
    started,
    step('a/one', 'boot', { state: 'checking' }),
    step('b/one', 'boot', { state: 'checking' }),
    step('a/one', 'boot', { state: 'done', result: 'changed', ms: 20 }),
    step('a/two', 'join', { state: 'checking' }),
    step('b/one', 'boot', { state: 'done', result: 'unchanged', ms: 30 }),
  ]);
  expect(said.slice(0, 5).flat()).toEqual([]);
  expect(said[5]).toEqual([
    {
      ...{ kind: 'phase', name: 'boot', hosts: 2, ms: 40, changed: 1 },
      ...{ drifted: 0, failed: 0, skipped: 0, unknown: 0 },
    },
  ]);
});

test('under plan a step ends where it drifted: nothing else follows', () => {
  const { view, all } = follow([
    { ...started, verb: 'plan' },
    step('a/one', 'boot', { state: 'checking' }),
    step('a/one', 'boot', { state: 'drifted', changes: [] }),
    step('b/one', 'boot', { state: 'checking' }),
    step('b/one', 'boot', { state: 'unknown', because: 'a/one', ms: 1 }),
  ]);
  expect(view).toMatchObject({ ended: 2 });
  expect(view.hosts.every(({ running }) => running.length === 0)).toBe(true);
  expect(all).toMatchObject([{ kind: 'phase', name: 'boot', drifted: 1, unknown: 1 }]);
});

test('a failure is told at once with its place, what it skips is counted, and a phase that was all skipped is not told', () => {
  const { view, all } = follow([
    started,
    step('a/one', 'boot', { state: 'checking' }),
    step('a/one', 'boot', { state: 'failed', ms: 5, error: { code: 'timeout', message: 'late' } }),
    step('a/two', 'join', { state: 'skipped', because: 'a/one' }),
    { ...finished, result: 'failed' },
  ]);
  expect(view.hosts[0]).toMatchObject({ failed: 'do a/one', skipped: 1, ended: 2 });
  expect(all).toEqual([
    { kind: 'failure', ms: 5, error: { code: 'timeout', message: 'late', host: 'a', step: 'do a/one' } },
    {
      ...{ kind: 'end', verb: 'up', cluster: 'demo', result: 'failed', ms: 90 },
      ...{ changed: 1, unchanged: 2, failed: 1, skipped: 1, left: 1 },
    },
  ]);
});

test('steps that nobody announced come on top, and their phase ends when none of them runs', () => {
  const here = { type: 'step', id: 'fetch', title: 'fetch', phase: 'artifacts', host: undefined } as const;
  const { view, said } = follow([
    started,
    { ...here, state: 'applying' },
    { ...here, state: 'done', result: 'read', ms: 7 },
  ]);
  expect(view).toMatchObject({ total: 4, ended: 1, here: { name: 'this machine' } });
  expect(said[2]).toMatchObject([{ kind: 'phase', name: 'artifacts', hosts: 0 }]);
});

test('where no phases were announced, they are told at the end of the run', () => {
  const { said } = follow([
    { ...started, phases: undefined },
    step('a/one', 'boot', { state: 'checking' }),
    step('a/one', 'boot', { state: 'done', result: 'read', ms: 1 }),
    finished,
  ]);
  expect(said[2]).toEqual([]);
  expect(said[3]).toMatchObject([{ kind: 'phase', name: 'boot' }, { kind: 'end' }]);
});

test('a host that is not in the list gets a row when it turns up', () => {
  const { view } = follow([started, step('new/one', 'boot', { state: 'checking' })]);
  expect(view.hosts.map(({ name }) => name)).toEqual(['a', 'b', 'new']);
});

test('after a whole run every announced step has ended and no step runs', async () => {
  for (const failing of [false, true]) {
    const { view } = follow((await story({ workers: 5, failing })).map(({ event }) => event));
    expect(view.ended).toBe(view.total);
    expect(view.hosts.every(({ running, ended, total }) => running.length === 0 && ended === total)).toBe(true);
  }
});
