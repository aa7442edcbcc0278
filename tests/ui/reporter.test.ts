import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { createReporter, type ReporterOptions } from '../../src/ui/reporter.js';
import { openScreen } from './screen.js';
import { story } from './story.js';

function collect() {
  const chunks: string[] = [];
  const stream = new PassThrough({ decodeStrings: false, encoding: 'utf8' });
  stream.on('data', (chunk: string) => chunks.push(chunk));
  return { stream, text: () => chunks.join('') };
}

/** Everything that a run says, at once but for a wait until `midway` is seen, to a terminal of 80 columns or to files. */
async function tell(
  options: Partial<ReporterOptions> & {
    readonly failing?: boolean;
    readonly terminal?: boolean;
    readonly midway?: string;
  } = {},
) {
  const { failing = false, terminal = false, midway = '', ...rest } = options;
  const [stdout, stderr] = [collect(), collect()];
  const screen = openScreen(80, 30);
  const reporter = createReporter({
    ...{ output: 'text', verbosity: 'normal', env: { LANG: 'C.UTF-8', NO_COLOR: '1' } },
    ...{ stdout: stdout.stream, stderr: terminal ? screen.stream : stderr.stream },
    ...rest,
  });
  const told = await story({ workers: 2, failing });
  for (const { event } of told.slice(0, 20)) reporter.emit(event);
  await vi.waitFor(() => expect(screen.written()).toContain(midway));
  for (const { event } of told.slice(20)) reporter.emit(event);
  await reporter.close();
  return { stdout: stdout.text(), stderr: terminal ? screen.written() : stderr.text(), screen };
}

test('on a terminal, what was finished and what failed stays, and the picture is gone at the end', async () => {
  const { screen, stdout } = await tell({ terminal: true, failing: true, midway: '● cp-1' });
  expect(stdout).toBe('');
  expect((await screen.rows()).map((row) => row.replace(/ +[\d.]+ m?s\b/, ' # s')).join('\n')).toMatchInlineSnapshot(`
    "· Artifacts come from the cache: all 23 are there.
    ✓ artifacts       this machine # s  1 changed
    ✓ machines        3 hosts # s  4 changed

    ✗ worker-2 · prepare the host: binaries, containerd, images failed after # s
      containerd did not start: systemctl ended with exit code 1
      (remote-command-failed)
      $ systemctl restart containerd
      │ Job for containerd.service failed because the control process exited with
      │ error code.
      │ containerd[412]: failed to create shim: no space left on device
      → Make room under /var/lib/containerd on that host, then run the same command
        again.

    ✗ prepare         3 hosts # s  2 changed, 1 failed
    ✓ control plane   1 host # s  1 changed
    ✓ add-ons         this machine # s  1 changed
    – join            2 hosts # s  1 changed, 1 skipped
    ✗ up demo failed: 1 failed, 3 skipped, 10 changed, after # s"
  `);
  expect(await screen.isCursorVisible()).toBe(true);
});

test('with --verbose the lines of commands stay too', async () => {
  const { screen } = await tell({ terminal: true, verbosity: 'verbose' });
  expect((await screen.rows({ scrollback: true })).join('\n')).toContain('worker-2         │ Started ssh.service');
});

test.each([
  ['a file', { terminal: false }],
  ['a terminal that cannot move its cursor', { terminal: true, env: { TERM: 'dumb' } }],
  ['a terminal that nobody looks at', { terminal: true, env: { CI: 'true', NO_COLOR: '1' } }],
])('%s gets lines without a single escape sequence', async (_, options) => {
  const { stderr, stdout } = await tell({ env: { NO_COLOR: '1' }, ...options });
  expect(stdout).toBe('');
  expect(stderr).toContain('  up demo: 3 hosts, 14 steps\n');
  expect(stderr).not.toContain('\u001b');
});

test('NO_COLOR leaves a live view without colours', async () => {
  const { stderr } = await tell({ terminal: true, midway: 'of 14 steps' });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about.
  expect(stderr).not.toMatch(/\u001b\[\d*m/);
});

test('JSON goes to stdout, one event a line, and nothing else anywhere', async () => {
  const { stdout, stderr } = await tell({ output: 'json', terminal: true });
  expect(stderr).toBe('');
  const told = await story({ workers: 2 });
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(told.length);
  const events = told.map(({ event }): unknown => JSON.parse(JSON.stringify(event)));
  for (const [at, line] of lines.entries()) {
    expect(JSON.parse(line)).toEqual({ v: 1, at: expect.stringMatching(/Z$/), ...Object(events[at]) });
  }
});

test('quiet says failures only, in each form', async () => {
  expect(await tell({ verbosity: 'quiet' })).toMatchObject({ stdout: '', stderr: '' });
  expect((await tell({ verbosity: 'quiet', terminal: true, failing: true })).stderr).toContain(
    'no space left on device',
  );
  const { stdout } = await tell({ verbosity: 'quiet', output: 'json', failing: true });
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  ).toMatchObject([{ state: 'failed' }]);
});

test('a reader that goes away in the middle ends no run', async () => {
  const stdout = new PassThrough();
  const reporter = createReporter({
    ...{ output: 'json', verbosity: 'normal', env: {}, stdout, stderr: new PassThrough() },
  });
  const told = await story({ workers: 2 });
  stdout.resume();
  for (const [at, { event }] of told.entries()) {
    if (at === 5) stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    reporter.emit(event);
    await new Promise(setImmediate);
  }
  await reporter.close();
});
