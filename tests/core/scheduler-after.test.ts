import { expect, test } from 'vitest';
import { KubewrightError } from '../../src/core/errors.js';
import type { Known } from '../../src/core/step.js';
import { changing, reading, run, states } from './steps.js';

const broken = () => Promise.reject(new KubewrightError('timeout', 'the host does not answer'));

test('a step goes on after one that failed if it only comes after it, and not if it needs it', async () => {
  const result = await run([
    reading('down', { read: broken }),
    changing('needs', { needs: ['down'] }),
    changing('after', { after: ['down'] }),
    changing('after-skipped', { after: ['needs'] }),
  ]);
  expect(states(result)).toEqual(['down: failed', 'needs: skipped', 'after: changed', 'after-skipped: changed']);
  expect(result.result).toBe('failed');
});

test('a step that comes after others starts when the last of them has ended, however', async () => {
  const order: string[] = [];
  const slow = (id: string, ms: number) =>
    reading(id, {
      async read() {
        await new Promise((resolve) => setTimeout(resolve, ms));
        order.push(id);
        if (id === 'failing') throw new KubewrightError('timeout', id);
      },
    });
  await run([
    slow('failing', 30),
    slow('well', 10),
    reading('last', { after: ['failing', 'well'], read: async () => void order.push('last') }),
  ]);
  expect(order).toEqual(['well', 'failing', 'last']);
});

test('what became of a step can be asked: its output, its failure, or under plan that nobody knows yet', async () => {
  const asked: Record<string, Known<unknown>> = {};
  const asking = reading('asking', {
    needs: ['well'],
    after: ['down', 'skipped', 'change'],
    async read(context) {
      for (const id of ['well', 'down', 'skipped', 'change']) asked[id] = context.known({ id });
    },
  });
  const steps = [
    reading('well'),
    reading('down', { read: broken }),
    changing('skipped', { needs: ['down'] }),
    changing('change'),
    asking,
  ];
  await run(steps, { mode: 'plan' });
  expect(asked['well']).toEqual({ kind: 'output', output: 'well' });
  expect(asked['change']).toEqual({ kind: 'unknown' });
  const failed = { kind: 'failed', error: expect.objectContaining({ message: 'the host does not answer' }) };
  expect(asked['down']).toEqual(failed);
  expect(asked['skipped']).toEqual(failed);
  await run(steps);
  expect(asked['change']).toEqual({ kind: 'output', output: 'change' });
});

test('asking what became of a step that is not waited for is a mistake of whoever made the steps', async () => {
  const result = await run([
    reading('other'),
    reading('asking', { read: async (context) => context.known({ id: 'other' }) }),
  ]);
  expect(result.outcomes.get('asking')?.error).toMatchObject({ code: 'internal' });
});

test('steps that come after each other are a cycle', async () => {
  await expect(run([reading('a', { after: ['b'] }), reading('b', { needs: ['a'] })])).rejects.toThrow(
    /wait for each other/,
  );
});
