import { expect, test } from 'vitest';
import { criticalPath } from '../../src/core/critical-path.js';
import type { Step } from '../../src/core/step.js';
import { createManualClock } from './manual-clock.js';
import { reading, run } from './steps.js';

test('the chain that a run was as long as is told with its waits for a place', async () => {
  const clock = createManualClock();
  const lasting = (id: string, seconds: number, needs: readonly string[] = [], limits: readonly string[] = []): Step =>
    reading(id, { needs, limits, read: () => new Promise<void>((done) => void clock.after(seconds * 1000, done)) });
  const steps = [
    lasting('cp/boot', 5),
    lasting('cp/init', 10, ['cp/boot']),
    lasting('w/boot', 6, [], ['disk']),
    lasting('w/images', 4, ['w/boot'], ['disk']),
    lasting('x/images', 3, ['cp/boot'], ['disk']),
    lasting('w/join', 8, ['cp/init', 'w/images', 'x/images']),
    lasting('quick', 1),
  ];
  const running = run(steps, { clock, limits: { disk: 1 } });
  await clock.advance(60_000);
  const result = await running;

  // x/images waited for the disk from 5 to 6 s, and w/images after it: 6 to 9 to 13 s, yet init took until 15 s.
  expect(criticalPath(result, steps).map(({ id, startedAt, ms, waitedMs }) => [id, startedAt, ms, waitedMs])).toEqual([
    ['cp/boot', 0, 5000, 0],
    ['cp/init', 5000, 10_000, 0],
    ['w/join', 15_000, 8000, 0],
  ]);
  const withoutInit = steps.filter(({ id }) => id !== 'cp/init' && id !== 'w/join');
  expect(criticalPath(result, withoutInit).map(({ id, waitedMs }) => [id, waitedMs])).toEqual([
    ['w/boot', 0],
    ['w/images', 3000],
  ]);
});

test('a run in which nothing ran has no such chain', async () => {
  const result = await run([reading('a')], { stop: AbortSignal.abort() });
  expect(criticalPath(result, [reading('a')])).toEqual([]);
});
