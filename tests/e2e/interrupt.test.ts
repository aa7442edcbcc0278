import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, missingEngine, type Rig, rig } from './rig.js';

const missing = await missingEngine();

/** Points of a run, each a step that has just begun, spread over its phases. */
const POINTS = [
  'workers-1/machine',
  'workers-1/prepare',
  'control-plane-1/init',
  'workers-1/join',
  'control-plane-1/addons',
] as const;

describe.skipIf(missing !== undefined)(
  `an up that is ended half-way${missing ? ` (${missing})` : ''}`,
  { shuffle: false },
  () => {
    let it: Rig;
    beforeAll(async () => {
      it = await rig('provider: {local: {}}\nnodes: {control-plane: {count: 1}, workers: {count: 1}}\n');
    });
    afterAll(async () => {
      await it[Symbol.asyncDispose]();
    });

    /** Starts up and sends `signal` the moment that the step begins to change something. */
    async function endAt(step: string, signal: NodeJS.Signals) {
      const running = it.start('up', '-o', 'json');
      let hit = false;
      for await (const line of running) {
        const event = JSON.parse(line);
        if (!hit && event.type === 'step' && event.id === step && event.state === 'applying') {
          hit = true;
          running.kill(signal);
        }
      }
      return { hit, ...(await running) };
    }

    test.each(POINTS)('by Ctrl-C when %s begins says how to go on', async (step) => {
      const { hit, exitCode, stdout } = await endAt(step, 'SIGINT');
      expect(hit, `${step} never began:\n${stdout.slice(-3000)}`).toBe(true);
      expect(exitCode).toBe(130);
    });

    test('goes on to a Ready cluster with the same command', async () => {
      const { code, stderr } = await it.run('up');
      expect(code, stderr).toBe(0);
      expect(await it.kubectl('get', 'nodes', '--no-headers')).toMatch(/control-plane-1 +Ready[\s\S]*workers-1 +Ready/);
      expect((await it.run('down', '--yes')).code).toBe(0);
    });

    test.each(POINTS)('by kill -9 when %s begins is taken up by the next, the stale lock said aloud', async (step) => {
      const { hit, signal } = await endAt(step, 'SIGKILL');
      expect(hit).toBe(true);
      expect(signal).toBe('SIGKILL');
    });

    test('converges after all of these kills', async () => {
      const { code, stdout, stderr } = await it.run('up');
      expect(code, stderr).toBe(0);
      expect(`${stdout}${stderr}`).toContain('Took over the lock');
      expect(await it.kubectl('get', 'nodes', '--no-headers')).toMatch(/control-plane-1 +Ready[\s\S]*workers-1 +Ready/);
    });

    test('keeps a second one out meanwhile, which says who holds the lock', async () => {
      const first = it.start('up', '-o', 'json');
      const lock = `${it.folder}/state/clusters/${it.name}.lock`;
      await eventually('the first up to hold the lock', 20, async () => ((await stat(lock)) ? true : undefined));
      // Held still, so that it surely has not ended when the second comes.
      first.kill('SIGSTOP');
      const second = await it.run('up');
      expect(second.code).toBe(1);
      expect(second.stderr).toMatch(new RegExp(`up.*process ${first.pid}`));
      first.kill('SIGCONT');
      expect((await first).exitCode).toBe(0);
    });
  },
);
