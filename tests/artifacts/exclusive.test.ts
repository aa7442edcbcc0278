import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { withCacheLock } from '../../src/artifacts/cache-lock.js';
import { exclusively } from '../../src/artifacts/exclusive.js';
import { temporaryFolder } from '../state/folder.js';

const never = new AbortController().signal;

test('only one at a time fills the cache', async () => {
  const path = join(temporaryFolder(), 'filling.lock');
  const trace: string[] = [];
  const work = (name: string) =>
    exclusively(path, { purpose: name, signal: never }, async () => {
      trace.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      trace.push(`${name} ends`);
    });
  await Promise.all(['a', 'b', 'c'].map(work));
  for (let index = 0; index < trace.length; index += 2) {
    expect(trace[index + 1]).toBe(trace[index]?.replace('begins', 'ends'));
  }
  expect(trace).toHaveLength(6);
  expect(existsSync(path)).toBe(false);
});

test('who waits is told for whom, and goes on when that process is killed', async () => {
  const folder = temporaryFolder();
  const holder = await holdLock(join(folder, 'filling.lock'));
  const notes: string[] = [];
  const done = withCacheLock(
    folder,
    'kubectl 1.36.3',
    {
      signal: never,
      report(event) {
        if (event.kind !== 'note') return;
        notes.push(event.text);
        holder.kill('SIGKILL');
      },
    },
    async () => 'done',
  );
  expect(await done).toBe('done');
  expect(notes).toEqual([expect.stringMatching(`waiting for process ${holder.pid} .*Kubernetes 1\\.36\\.3`)]);
});

test('who waits can be interrupted', async () => {
  const path = join(temporaryFolder(), 'filling.lock');
  await holdLock(path);
  const interrupt = new AbortController();
  const waiting = exclusively(
    path,
    { purpose: 'mine', signal: interrupt.signal, onWait: () => interrupt.abort() },
    async () => 'done',
  );
  await expect(waiting).rejects.toMatchObject({ code: 'interrupted' });
});

test('the lock is given back when the work fails', async () => {
  const path = join(temporaryFolder(), 'filling.lock');
  const failing = exclusively(path, { purpose: 'mine', signal: never }, async () => {
    throw new Error('it did not work');
  });
  await expect(failing).rejects.toThrow('it did not work');
  expect(await exclusively(path, { purpose: 'mine', signal: never }, async () => 'done')).toBe('done');
});

async function holdLock(path: string): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('hold-lock.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}
