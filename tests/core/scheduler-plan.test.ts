import { expect, test } from 'vitest';
import { KubewrightError } from '../../src/core/errors.js';
import { changing, current, reading, run, states } from './steps.js';

const plan = { mode: 'plan' } as const;

test('under plan nothing is applied, and what would change is told', async () => {
  const applied: string[] = [];
  const result = await run(
    [
      reading('facts'),
      changing('machine', { needs: ['facts'], apply: async () => void applied.push('machine') }),
      current('network'),
    ],
    plan,
  );
  expect(applied).toEqual([]);
  expect(states(result)).toEqual(['facts: read', 'machine: drifted', 'network: unchanged']);
  expect(result.outcomes.get('machine')?.changes).toEqual([{ action: 'create', what: 'machine' }]);
  expect(result.result).toBe('done');
});

test('a step after one that would change is still looked at, and is unknown only if it asks for what does not exist', async () => {
  const asks = (id: string) => (context: { output(ref: { id: string }): unknown }) => {
    context.output({ id });
    return { kind: 'drifted', changes: [] } as const;
  };
  const { events, ...result } = await run(
    [
      changing('machine'),
      changing('files', { needs: ['machine'] }),
      changing('join', { needs: ['machine'], check: asks('machine') }),
      changing('label', { needs: ['join'], check: asks('join') }),
      reading('report', { needs: ['files'], read: async (context) => context.output({ id: 'files' }) }),
    ],
    plan,
  );
  expect(states(result)).toEqual([
    'machine: drifted',
    'files: drifted',
    'join: unknown',
    'label: unknown',
    'report: unknown',
  ]);
  expect(result.outcomes.get('join')).toMatchObject({ because: 'machine', changes: [] });
  expect(events).toContainEqual({
    ...{ type: 'step', id: 'label', title: 'do label', phase: 'test', host: undefined },
    ...{ state: 'unknown', because: 'join', ms: expect.any(Number) },
  });
});

test('a missing output is recognised inside the errors that a step wraps it in', async () => {
  const wrapping = (wrap: (cause: unknown) => Error) =>
    changing('wrapping', {
      needs: ['machine'],
      async check(context) {
        try {
          context.output({ id: 'machine' });
        } catch (error) {
          throw wrap(error);
        }
        return { kind: 'drifted', changes: [] };
      },
    });
  const caused = wrapping((cause) => new KubewrightError('internal', 'could not look', { cause }));
  expect(states(await run([changing('machine'), caused], plan))).toContain('wrapping: unknown');
  const gathered = wrapping((cause) => new AggregateError([new Error('other'), cause]));
  expect(states(await run([changing('machine'), gathered], plan))).toContain('wrapping: unknown');
});

test('an error that is its own cause is an error like any other', async () => {
  const error = new Error('round and round');
  error.cause = error;
  const result = await run([reading('a', { read: () => Promise.reject(error) })], plan);
  expect(result.outcomes.get('a')?.error?.message).toBe('Error: round and round');
});

test('what cannot be looked at fails under plan too, and skips what needs it', async () => {
  const refuse = () => Promise.reject(new KubewrightError('timeout', 'the host does not answer'));
  const result = await run([reading('a', { read: refuse }), changing('b', { needs: ['a'] })], plan);
  expect(states(result)).toEqual(['a: failed', 'b: skipped']);
  expect(result.result).toBe('failed');
});
