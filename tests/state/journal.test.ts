import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import * as z from 'zod';
import type { SerializedError } from '../../src/core/errors.js';
import { LINE_SCHEMAS } from '../../src/core/event-schema.js';
import type { Event, StepEvent } from '../../src/core/events.js';
import { type JournalOptions, openJournal } from '../../src/state/journal.js';
import { type ClusterPaths, statePaths } from '../../src/state/paths.js';
import { createSecretRegistry } from '../../src/state/secrets.js';
import { testUnless } from '../rig/unless.js';
import { temporaryState } from './folder.js';
import { cannotMount, smallDisk } from './small-disk.js';

const head = { type: 'step', id: 'w-1/import', title: 'import images', phase: 'runtime', host: 'w-1' } as const;
const step = (rest: Partial<StepEvent> = { state: 'checking' }) => ({ ...head, ...rest }) as StepEvent;
const line = (text: string, host?: string): Event => ({
  ...{ type: 'output', id: host === undefined ? 'fetch' : `${host}/import`, host, stream: 'stdout', line: text },
});

/** A journal, what was passed on, and what lies on the disk when it is closed. */
async function journalOf(events: readonly Event[], paths: ClusterPaths, options: Partial<JournalOptions> = {}) {
  const passed: Event[] = [];
  const emit = (event: Event) => void passed.push(event);
  const journal = await openJournal(paths, { verb: 'up', cluster: 'demo', emit, ...options });
  for (const event of events) journal.emit(event);
  await journal[Symbol.asyncDispose]();
  const read = (name: string) => readFileSync(join(journal.directory, name), 'utf8');
  return { passed, directory: journal.directory, read };
}

test('every event is passed on as it is and kept as a valid line', async () => {
  const events = [
    step(),
    line('unpacking', 'w-1'),
    { type: 'note', level: 'info', text: 'hello' },
  ] as const satisfies Event[];
  const { passed, read } = await journalOf(events, temporaryState());
  expect(passed).toEqual(events);
  const lines = read('events.ndjson').trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  for (const text of lines) expect(z.union(LINE_SCHEMAS).safeParse(JSON.parse(text)).success).toBe(true);
});

test('each host has a transcript of its own that tells steps, output and failures whole', async () => {
  const error: SerializedError = {
    ...{
      code: 'remote-command-failed',
      message: 'exit 1\nof ctr',
      hint: 'look',
      command: 'ctr import',
      output: ['no'],
    },
  };
  const events = [
    step(),
    step({ state: 'drifted', changes: [{ action: 'create', what: 'pause:3.10', why: 'missing' }] }),
    step({ state: 'applying' }),
    line('unpacking', 'w-1'),
    { ...line('oops', 'w-1'), stream: 'stderr' } as Event,
    step({ state: 'failed', error, ms: 4200 }),
    step({ state: 'skipped', because: 'cp-1/init' }),
    line('module 1 of 7'),
    line('other host', 'w-2'),
  ];
  const { read, directory } = await journalOf(events, temporaryState());
  expect(readdirSync(join(directory, 'transcript')).sort()).toEqual(['_this-machine.log', 'w-1.log', 'w-2.log']);
  expect(read('transcript/w-1.log').replaceAll(/^\S+Z /gm, '')).toBe(
    [
      'import = import images: looking',
      'import = import images: differs',
      'import   create pause:3.10 (missing)',
      'import = import images: changing',
      'import | unpacking',
      'import ! oops',
      'import = import images: FAILED after 4.2 s',
      'import   remote-command-failed: exit 1',
      'import   of ctr',
      'import   $ ctr import',
      'import   | no',
      'import   hint: look',
      'import = import images: skipped because of cp-1/init',
      '',
    ].join('\n'),
  );
  expect(read('transcript/_this-machine.log')).toMatch(/Z fetch \| module 1 of 7\n$/);
});

test('the summary tells how it ended and how long each step took', async () => {
  const finished: Event = { type: 'run', state: 'finished', result: 'done', changed: 1, unchanged: 0, ms: 9 };
  const { read } = await journalOf(
    [step(), step({ state: 'done', result: 'changed', ms: 9 }), finished],
    temporaryState(),
  );
  expect(JSON.parse(read('run.json'))).toMatchObject({
    ...{ version: 1, verb: 'up', cluster: 'demo', pid: process.pid, result: 'done', errors: [] },
    endedAt: expect.stringMatching(/Z$/),
    steps: [{ id: 'w-1/import', phase: 'runtime', host: 'w-1', state: 'changed', ms: 9 }],
  });
});

test('folders and files are for their owner alone', async () => {
  const { directory } = await journalOf([line('x', 'w-1')], temporaryState());
  const mode = (name: string) => (statSync(join(directory, name)).mode & 0o777).toString(8);
  expect(['.', 'transcript', 'events.ndjson', 'run.json', 'transcript/w-1.log'].map(mode)).toEqual([
    ...['700', '700', '600', '600', '600'],
  ]);
});

test('the name of a host cannot lead out of the folder', async () => {
  const { directory } = await journalOf([line('x', '../../../evil'), line('x', 'a; rm -rf /')], temporaryState());
  expect(readdirSync(join(directory, 'transcript')).sort()).toEqual(['.._.._.._evil.log', 'a__rm_-rf__.log']);
});

test('a remembered secret is in no file, and the reader of events gets them as they came', async () => {
  const secrets = createSecretRegistry();
  const key = 'c2VjcmV0IGtleSBtYXRlcmlhbA==';
  secrets.remember('hunter"2');
  secrets.remember('hunter"2-longer');
  secrets.remember(`-----BEGIN KEY-----\n${key}\n-----END KEY-----\n`);
  const error = { code: 'internal', message: 'no hunter"2', command: 'sudo -p hunter"2' } as const;
  const events = [line('password: hunter"2-longer.', 'w-1'), line(`-----BEGIN KEY-----`), line(key)];
  const { read, passed } = await journalOf([...events, step({ state: 'failed', error, ms: 1 })], temporaryState(), {
    mask: secrets.mask,
  });
  const all = ['events.ndjson', 'run.json', 'transcript/w-1.log', 'transcript/_this-machine.log'].map(read).join('');
  expect(all).not.toContain('hunter');
  expect(all).not.toContain(key);
  expect(all).toContain('password: ***.');
  expect(all).toContain('-----BEGIN KEY-----');
  expect(passed[0]).toEqual(events[0]);
});

test('the last 20 runs are kept, and nothing that is not a run is touched', async () => {
  const paths = temporaryState();
  const old = Array.from({ length: 30 }, (_, at) => `20260101T0000${String(at).padStart(2, '0')}.000Z-abcd`);
  for (const name of [...old, 'notes']) mkdirSync(join(paths.runs, name), { recursive: true });
  const { directory } = await journalOf([], paths);
  const left = readdirSync(paths.runs).sort();
  expect(left).toHaveLength(21);
  expect(left.slice(0, 19)).toEqual(old.slice(11));
  expect(left).toContain('notes');
  expect(join(paths.runs, left[19] ?? '')).toBe(directory);
});

testUnless(cannotMount, 'a full disk ends the journal and not the run: it is told once', async () => {
  vi.stubEnv('KUBEWRIGHT_STATE_DIR', smallDisk(128 * 1024));
  onTestFinished(() => void vi.unstubAllEnvs());
  const events: Event[] = [];
  const journal = await openJournal(statePaths('demo'), {
    ...{ verb: 'up', cluster: 'demo', emit: (event: Event) => void events.push(event) },
  });
  for (let at = 0; at < 3; at++) {
    journal.emit(line('x'.repeat(100_000), 'w-1'));
    await new Promise(setImmediate);
  }
  await journal[Symbol.asyncDispose]();
  const notes = events.filter(({ type }) => type === 'note');
  expect(notes).toEqual([
    {
      ...{ type: 'note', level: 'warning' },
      text: `The run goes on, but its journal ends here: could not write it: no space left: ${journal.directory}`,
    },
  ]);
  expect(events).toHaveLength(4);
});

test('where no folder can be made the run goes on without a journal', async () => {
  const paths = temporaryState();
  mkdirSync(dirname(paths.directory), { recursive: true });
  writeFileSync(paths.directory, 'in the way');
  const { passed } = await journalOf([step()], paths);
  expect(passed).toHaveLength(2);
  expect(passed[0]).toMatchObject({
    type: 'note',
    text: expect.stringContaining('a part of the path is not a folder'),
  });
});

test('a run that is killed leaves a journal up to its last turn, and a summary that says it did not end', () => {
  const paths = temporaryState();
  const script = fileURLToPath(new URL('journal-worker.ts', import.meta.url));
  const { signal } = spawnSync(process.execPath, ['--import', 'tsx', script], { stdio: 'inherit' });
  expect(signal).toBe('SIGKILL');
  const [run = ''] = readdirSync(paths.runs);
  const read = (name: string) => readFileSync(join(paths.runs, run, name), 'utf8');
  const lines = read('events.ndjson').trimEnd().split('\n');
  expect(lines.map((text) => z.object({ line: z.string() }).parse(JSON.parse(text)).line)).toEqual(['one', 'two']);
  expect(JSON.parse(read('run.json'))).not.toHaveProperty('endedAt');
});
