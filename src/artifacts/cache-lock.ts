import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exclusively } from './exclusive.js';
import type { Report } from './report.js';

/**
 * Runs `work` as the only one that fills the cache: of two runs that want the same artifacts one makes them, and the
 * other, told whom it waits for, finds them made.
 */
export async function withCacheLock<Result>(
  cacheDirectory: string,
  purpose: string,
  { signal, report }: { readonly signal: AbortSignal; readonly report: Report },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  await mkdir(cacheDirectory, { recursive: true });
  const onWait = (owner: { pid: number; host: string; verb: string }) =>
    report({
      kind: 'note',
      text: `artifacts: waiting for process ${owner.pid} on ${owner.host}, which is at work on it (${owner.verb})`,
    });
  return exclusively(join(cacheDirectory, 'filling.lock'), { purpose, signal, onWait }, work);
}
