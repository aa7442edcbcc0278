import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Event } from '../../src/core/events.js';
import { acquireLock } from '../../src/state/lock.js';
import { thisOwner } from '../../src/state/lock-owner.js';
import type { ClusterPaths } from '../../src/state/paths.js';
import { testUnless } from '../rig/unless.js';
import { temporaryState } from './folder.js';
import { cannotMount, makeReadOnly, smallDisk } from './small-disk.js';

function acquire(paths: ClusterPaths, options: { readonly heartbeatMs?: number } = {}) {
  const events: Event[] = [];
  const emit = (event: Event) => void events.push(event);
  return acquireLock(paths, { verb: 'up', emit, ...options }).then((lock) => {
    onTestFinished(() => lock[Symbol.dispose]());
    return { lock, notes: events.flatMap((event) => (event.type === 'note' ? [event.text] : [])), events };
  });
}

/** A lock file as another operator left it, its last heartbeat that long ago. */
function leaveLock(paths: ClusterPaths, owner: object | string, silentSeconds = 0): void {
  mkdirSync(dirname(paths.lock), { recursive: true });
  writeFileSync(paths.lock, typeof owner === 'string' ? owner : JSON.stringify({ ...thisOwner('up'), ...owner }));
  const at = Date.now() / 1000 - silentSeconds;
  utimesSync(paths.lock, at, at);
}

function startWorker(how: string, rounds = 1): { readonly process: ChildProcess; readonly said: Promise<string[]> } {
  const script = fileURLToPath(new URL('lock-worker.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, how, String(rounds)], {
    stdio: ['ignore', 'pipe', how === 'throw' ? 'ignore' : 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => said.push(line));
  return { process: child, said: once(lines, 'close').then(() => said) };
}

async function workerHolding(how = 'wait'): Promise<ChildProcess> {
  const worker = startWorker(how).process;
  await once(createInterface({ input: worker.stdout ?? process.stdin }), 'line');
  return worker;
}

describe('one operator at a time', () => {
  test('the second is refused at once and told who is at work, since when, and what to do', async () => {
    const paths = temporaryState();
    const { lock } = await acquire(paths);
    const { user } = thisOwner('');
    await expect(acquire(paths)).rejects.toMatchObject({
      code: 'cluster-locked',
      message: expect.stringMatching(
        new RegExp(
          `^\`up\` by ${user} on ${hostname()} \\(process ${process.pid}\\) is at work on demo, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d \\(\\d+ ms ago\\)\\.$`,
        ),
      ),
      hint: `Wait for it to end, or end it on ${hostname()} with \`kill ${process.pid}\`; then run the same command again.`,
    });
    lock[Symbol.dispose]();
    expect((await acquire(paths)).notes).toEqual([]);
  });

  test('another cluster is no concern of it', async () => {
    await acquire(temporaryState('one'));
    await acquire(temporaryState('two'));
  });

  test('a lock that was given back leaves no file, and giving it back twice is fine', async () => {
    const paths = temporaryState();
    const { lock } = await acquire(paths);
    lock[Symbol.dispose]();
    lock[Symbol.dispose]();
    expect(readdirSync(dirname(paths.lock))).toEqual([]);
  });

  test('of many that come at once exactly one gets it', async () => {
    const paths = temporaryState();
    const tries = await Promise.allSettled(Array.from({ length: 30 }, () => acquire(paths)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('processes that fight for a lock which is left stale again and again never hold it two at once', async () => {
    const paths = temporaryState();
    const workers = Array.from({ length: 4 }, () => startWorker('contend', 60));
    const said = await Promise.all(workers.map((worker) => worker.said));
    expect(said).toEqual([['done'], ['done'], ['done'], ['done']]);
    // The last one may have left it stale; claims are gone.
    expect(readdirSync(dirname(paths.lock)).filter((name) => name !== 'demo.lock')).toEqual([]);
  });
});

describe('whatever ends the holder', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s: the lock is given back', async (signal) => {
    const paths = temporaryState();
    const worker = await workerHolding();
    expect(existsSync(paths.lock)).toBe(true);
    worker.kill(signal);
    await once(worker, 'exit');
    expect(readdirSync(dirname(paths.lock))).toEqual([]);
  });

  test.each(['exit', 'throw', 'return'])('%s: the lock is given back', async (how) => {
    const paths = temporaryState();
    expect(await startWorker(how).said).toEqual(['held']);
    expect(readdirSync(dirname(paths.lock))).toEqual([]);
  });

  test('SIGKILL: the next one takes over and says so', async () => {
    const paths = temporaryState();
    const worker = await workerHolding();
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    const { user } = thisOwner('');
    expect((await acquire(paths)).notes).toEqual([
      `Took over the lock of demo from \`up\` by ${user} on ${hostname()} (process ${worker.pid}): that process has ended.`,
    ]);
  });

  test('a suspended one keeps it, for it will go on some day', async () => {
    const paths = temporaryState();
    const worker = await workerHolding();
    worker.kill('SIGSTOP');
    const at = Date.now() / 1000 - 600;
    utimesSync(paths.lock, at, at);
    await expect(acquire(paths)).rejects.toThrow('It has been silent for 10 min: is it suspended?');
    worker.kill('SIGKILL');
  });
});

describe('a lock that was left behind', () => {
  test('by a process whose number another one has now is taken over', async () => {
    const paths = temporaryState();
    leaveLock(paths, { processStarted: '1' });
    expect((await acquire(paths)).notes[0]).toMatch(/: that process has ended\.$/);
  });

  test('on another machine is respected for 30 s of silence and then taken over', async () => {
    const paths = temporaryState();
    leaveLock(paths, { host: 'elsewhere', user: 'anna', pid: 4711 }, 28);
    await expect(acquire(paths)).rejects.toThrow(/^`up` by anna on elsewhere \(process 4711\) is at work on demo/);
    leaveLock(paths, { host: 'elsewhere', user: 'anna', pid: 4711 }, 31);
    expect((await acquire(paths)).notes).toEqual([
      'Took over the lock of demo from `up` by anna on elsewhere (process 4711): it has been silent for 31 s.',
    ]);
  });

  test('before a reboot, or in another container, is taken over after the silence too', async () => {
    const paths = temporaryState();
    leaveLock(paths, { machine: 'another boot' }, 31);
    await acquire(paths);
  });

  test('half written is waited for, and when nobody finishes it, refused without naming anybody', async () => {
    const paths = temporaryState();
    leaveLock(paths, '{"id":');
    await expect(acquire(paths)).rejects.toMatchObject({
      message: 'another kubewright is at work on demo',
      hint: `Wait for it to end. If none runs, remove ${paths.lock}`,
    });
  });

  test('half written long ago is taken over', async () => {
    const paths = temporaryState();
    leaveLock(paths, '', 31);
    expect((await acquire(paths)).notes).toEqual(['Took over the lock of demo: it was left unfinished.']);
  });

  test('by one who died over taking over from another who had died is taken over as well', async () => {
    const paths = temporaryState();
    leaveLock(paths, { id: 'first', processStarted: '1' });
    const claim = { ...thisOwner('up'), id: 'second', processStarted: '1' };
    writeFileSync(`${paths.lock}.first`, JSON.stringify(claim));
    writeFileSync(`${paths.lock}.first.second`, JSON.stringify({ ...claim, id: 'third' }));
    await acquire(paths);
    expect(readdirSync(dirname(paths.lock))).toEqual(['demo.lock']);
  });

  test('and is being taken over by somebody alive right now is not taken twice', async () => {
    const paths = temporaryState();
    leaveLock(paths, { id: 'first', processStarted: '1' });
    writeFileSync(`${paths.lock}.first`, JSON.stringify(thisOwner('up')));
    await expect(acquire(paths)).rejects.toMatchObject({ code: 'cluster-locked' });
  });
});

describe('the holder', () => {
  test('shows that it is alive', async () => {
    const paths = temporaryState();
    await acquire(paths, { heartbeatMs: 5 });
    const at = Date.now() / 1000 - 600;
    utimesSync(paths.lock, at, at);
    const { findLock } = await import('../../src/state/lock-file.js');
    await vi.waitFor(() => expect(findLock(paths.lock)?.silentMs).toBeLessThan(60_000));
  });

  test('hears when its lock was taken away, and then leaves alone what is not its own', async () => {
    const paths = temporaryState();
    const { lock, events } = await acquire(paths, { heartbeatMs: 5 });
    leaveLock(paths, { id: 'thief' });
    await vi.waitFor(() => expect(lock.lost.aborted).toBe(true));
    expect(lock.lost.reason).toMatchObject({ code: 'cluster-locked' });
    expect(events).toContainEqual({
      ...{ type: 'note', level: 'warning', text: 'the lock of demo was taken away from this run' },
    });
    lock[Symbol.dispose]();
    expect(JSON.parse(readFileSync(paths.lock, 'utf8'))).toMatchObject({ id: 'thief' });
  });
});

testUnless(cannotMount, 'on a full disk no lock is taken and no half lock is left', async () => {
  const folder = smallDisk(16 * 1024);
  vi.stubEnv('KUBEWRIGHT_STATE_DIR', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { statePaths } = await import('../../src/state/paths.js');
  const paths = statePaths('demo');
  mkdirSync(dirname(paths.lock), { recursive: true });
  expect(() => writeFileSync(`${folder}/filler`, 'x'.repeat(100_000))).toThrow('ENOSPC');
  await expect(acquire(paths)).rejects.toMatchObject({
    code: 'state-unwritable',
    message: `could not lock demo: no space left: ${paths.lock}`,
  });
  expect(readdirSync(dirname(paths.lock))).toEqual([]);
  makeReadOnly(folder);
  await expect(acquire(paths)).rejects.toThrow('the file system is read-only');
});
