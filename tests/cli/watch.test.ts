import { describe, expect, onTestFinished, test } from 'vitest';
import { createWatchView } from '../../src/cli/watch-view.js';
import type { Operator } from '../../src/operations/operator.js';
import type { StatusResult } from '../../src/operations/results.js';
import { openScreen } from '../ui/screen.js';
import { BUSY_STATUS, STATUS } from './results.js';
import { runCli } from './rig.js';

const HEALTHY: StatusResult = { ...STATUS, healthy: true, nodes: STATUS.nodes.slice(0, 1) };
const NOW = Date.parse('2026-11-24T00:00:00Z');

/** A picture on a terminal, drawn when the test says so. */
function pictureOn(columns: number, rows: number) {
  const screen = openScreen(columns, rows);
  let tick = () => {};
  const view = createWatchView({
    terminal: { stdout: screen.stream, stderr: screen.stream, env: { NO_COLOR: '1', LANG: 'C.UTF-8' } },
    ...{ json: false, interval: 2, now: () => NOW },
    every(run) {
      tick = run;
      return () => {
        tick = () => {};
      };
    },
  });
  onTestFinished(() => view.close());
  return {
    screen,
    view,
    show(result: StatusResult) {
      view.show(result);
      tick();
    },
  };
}

describe('watched on a terminal the status', () => {
  test('is a picture that is redrawn in place', async () => {
    const { screen, show } = pictureOn(80, 24);
    show(STATUS);
    expect(await screen.rows()).toContain('  workers-1: the machine is stopped');
    show(HEALTHY);
    const rows = await screen.rows({ scrollback: true });
    expect(rows).toHaveLength(11);
    expect(rows[0]).toBe('demo: the API answers at https://172.18.0.2:6443');
    expect(rows.join('\n')).not.toContain('workers-1');
    expect(rows.at(-1)).toMatch(/^Seen at \d\d:\d\d:\d\d, every 2 s; Ctrl-C ends it\.$/);
  });

  test.each([
    [80, 40],
    [80, 24],
    [50, 16],
    [30, 8],
  ])('keeps within %i columns and %i rows', async (columns, rows) => {
    const { screen, show } = pictureOn(columns, rows);
    show(BUSY_STATUS);
    const shown = await screen.rows({ scrollback: true });
    expect(shown.length).toBeLessThan(rows);
    for (const line of shown) expect(line.length).toBeLessThan(columns);
    expect(shown[0]).toMatch(/^demo: the API answers/);
    expect(shown.at(-1)).toMatch(/^Seen at/);
  });

  test('fits again when the terminal changes its size', async () => {
    const { screen, show } = pictureOn(100, 40);
    show(BUSY_STATUS);
    expect((await screen.rows()).join('\n')).toContain('`kubewright plan` shows it');
    await screen.resize(60, 14);
    const rows = await screen.rows();
    expect(rows.length).toBeLessThan(14);
    expect(rows.filter((row) => row.startsWith('… and '))).not.toEqual([]);
  });

  test('gives the cursor back when it is over, and its last state stays', async () => {
    const { screen, view, show } = pictureOn(80, 24);
    show(STATUS);
    await screen.rows();
    expect(await screen.isCursorVisible()).toBe(false);
    show(HEALTHY);
    await view.close();
    expect(await screen.isCursorVisible()).toBe(true);
    const rows = await screen.rows();
    expect(rows).toContain('control-plane-1  answers     healthy  365 days');
    expect(rows.join('\n')).not.toContain('Ctrl-C');
  });

  test('has above it what is said meanwhile', async () => {
    const { screen, view, show } = pictureOn(80, 24);
    show(HEALTHY);
    view.emit({ type: 'note', level: 'warning', text: 'Could not look: cluster.yaml has 1 problem' });
    show(STATUS);
    const rows = await screen.rows();
    expect(rows[0]).toBe('▲ Could not look: cluster.yaml has 1 problem');
    expect(rows[1]).toMatch(/^demo:/);
  });
});

/** An operation that sees these, then waits for Ctrl-C. */
function seeing(results: readonly StatusResult[], interrupt: () => void) {
  return {
    async *watchStatus(_: unknown, operator: Operator): AsyncGenerator<StatusResult> {
      yield* results;
      const stopped = new Promise((resolve) => operator.stop.addEventListener('abort', resolve));
      interrupt();
      await stopped;
    },
  };
}

async function watched(results: readonly StatusResult[], ...words: readonly string[]) {
  let interrupt = () => {};
  const operations = seeing(results, () => interrupt());
  return runCli(['status', '--watch', ...words], {
    operations,
    onStart: (given) => {
      interrupt = given;
    },
  });
}

describe('watched without a terminal the status', () => {
  test('is a block each time that something changed, after a line with the time', async () => {
    const { stdout } = await watched([STATUS, STATUS, HEALTHY, HEALTHY, STATUS]);
    const times = stdout.split('\n').filter((line) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(line));
    expect(times).toHaveLength(3);
    expect(stdout.match(/^demo: /gm)).toHaveLength(3);
    expect(stdout.match(/the machine is stopped/g)).toHaveLength(2);
  });

  test('is as JSON a result each time that something changed', async () => {
    const { stdout } = await watched([STATUS, STATUS, HEALTHY], '-o', 'json');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { v: 1, type: 'result', verb: 'status', result: { healthy: false } },
      { v: 1, type: 'result', verb: 'status', result: { healthy: true } },
    ]);
  });
});

test.each([
  [[HEALTHY], 0],
  [[HEALTHY, STATUS], 1],
  [[STATUS, HEALTHY], 0],
  [[], 130],
])('Ctrl-C ends watching without a word, with the exit code of what was seen last', async (results, expected) => {
  const { code, stderr, events } = await watched(results);
  expect({ code, stderr, events }).toEqual({ code: expected, stderr: '', events: [] });
});

test('the interval is passed on, and is whole seconds', async () => {
  const requests: unknown[] = [];
  const operations = {
    async *watchStatus(request: unknown): AsyncGenerator<StatusResult> {
      requests.push(request);
      yield HEALTHY;
    },
  };
  expect((await runCli(['status', '-w', '--interval', '7'], { operations })).code).toBe(0);
  expect((await runCli(['status', '--watch'], { operations })).code).toBe(0);
  expect(requests).toEqual([
    { file: 'cluster.yaml', intervalMs: 7000 },
    { file: 'cluster.yaml', intervalMs: 2000 },
  ]);
  expect((await runCli(['status', '--watch', '--interval', '0.5'], { operations })).code).toBe(64);
});
