import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

interface Planned {
  readonly result: string;
  readonly changes: number;
  readonly scripts: number;
  readonly cpuMs: number;
  readonly ms: number;
  /** Megabytes, of all that the process ever had. */
  readonly peak: number;
}

test('a plan for 1,000 new hosts takes a few seconds, and little memory', async () => {
  const child = fileURLToPath(new URL('plan-child.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', child, '3', '997']);
  const planned: Planned = JSON.parse(stdout);
  process.stdout.write(
    `plan of 1,000 hosts: ${(planned.ms / 1000).toFixed(1)} s, ${(planned.cpuMs / 1000).toFixed(1)} s of the processor, ${planned.peak.toFixed(0)} MB\n`,
  );
  expect(planned).toMatchObject({ result: 'done', scripts: 1000 });
  expect(planned.changes).toBeGreaterThan(1000);
  // Of the processor, since the clock also shows what others do on this machine.
  expect(planned.cpuMs).toBeLessThan(15_000);
  expect(planned.peak).toBeLessThan(400);
});
