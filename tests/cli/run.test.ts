import { describe, expect, test } from 'vitest';
import type { Flag } from '../../src/cli/command.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { COMMON_FLAGS } from '../../src/cli/common-flags.js';
import type { Operations } from '../../src/cli/operations.js';
import { KubewrightError } from '../../src/core/errors.js';
import { PLAN, STATUS, TUNNEL, UP } from './results.js';
import { runCli } from './rig.js';

/** Operations that note what they were asked. */
function recorder(results: Partial<Record<keyof Operations, unknown>>) {
  const requests: unknown[] = [];
  const operations = Object.fromEntries(
    Object.entries(results).map(([name, result]) => [
      name,
      async (request: unknown) => {
        requests.push(request);
        return result;
      },
    ]),
  ) as Partial<Operations>;
  return { operations, requests };
}

describe('help', () => {
  test('is what kubewright without a verb shows, with every verb in it', async () => {
    const { code, stdout } = await runCli([]);
    expect(code).toBe(0);
    for (const { name, summary, hidden } of COMMANDS) {
      if (hidden === true) expect(stdout).not.toContain(name);
      else expect(stdout).toContain(summary);
    }
    expect(stdout).toContain('Start here:');
  });

  test.each(COMMANDS.filter(({ hidden }) => hidden !== true))('of $name shows its flags and examples', async (verb) => {
    const { code, stdout } = await runCli([verb.name, '--help']);
    expect(code).toBe(0);
    for (const { name } of verb.flags) expect(stdout).toContain(`--${name}`);
    for (const { command } of verb.examples) expect(stdout).toContain(command);
    expect(stdout).toContain('--file <FILE>');
    expect((await runCli(['help', verb.name])).stdout).toBe(stdout);
  });

  test('fits into 80 columns', async () => {
    for (const { name, hidden } of COMMANDS) {
      if (hidden === true) continue;
      const { stdout } = await runCli([name, '--help'], { columns: 80 });
      const prose = stdout.slice(0, stdout.indexOf('Examples:'));
      for (const line of prose.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    }
  });

  test('shows the version', async () => {
    expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n' });
  });
});

describe('a wrong command line exits with 64 and', () => {
  test.each([
    [['stauts'], 'Did you mean status?'],
    [['stauts', '--help'], 'Did you mean status?'],
    [['help', 'stauts'], 'Did you mean status?'],
    [['up', '--fiel', 'x'], 'Did you mean --file?'],
    [['up', '--set-curent-context'], 'Did you mean --set-current-context?'],
  ])('%j suggests the nearest right word', async (words, hint) => {
    const { code, stderr, stdout } = await runCli(words);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain(hint);
  });

  test.each([
    [['up', 'extra'], 'too many arguments'],
    [['up', '-o', 'xml'], 'xml'],
    [['exec', '--all', '--parallel', '0', '--', 'true'], 'at least 1'],
    [['exec', '--all', '--parallel', '1e3', '--', 'true'], 'whole number'],
    [['exec', '--all'], 'needs CMD after --'],
    [['exec', '--', 'true'], 'on which hosts?'],
    [['exec', '--all', 'workers-1', '--', 'true'], 'exclude each other'],
    [['up', '--', 'true'], 'takes nothing after --'],
    [['ssh'], "missing required argument 'HOST'"],
    [['tunnel', '--stop', '--status'], 'exclude each other'],
    [['tunnel', '--port', '0'], 'at least 1'],
    [['kubeconfig', '--direct', '--tunnel'], 'exclude each other'],
    [['completion', 'tcsh'], 'tcsh'],
    [['-q'], 'which verb?'],
  ])('%j says what is wrong', async (words, complaint) => {
    const { code, stderr } = await runCli(words);
    expect(code).toBe(64);
    expect(stderr).toContain(complaint);
  });

  test('says so as JSON where JSON was asked for', async () => {
    const { code, stdout, stderr } = await runCli(['up', '--nope', '-o', 'json']);
    expect({ code, stderr }).toEqual({ code: 64, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ type: 'error', error: { code: 'usage' } });
  });
});

describe('a verb', () => {
  test('passes its flags on', async () => {
    const { operations, requests } = recorder({ up: UP });
    const words = ['up', '-f', 'a.yaml', '--set-current-context', '--kubeconfig', 'k'];
    expect((await runCli(words, { operations })).code).toBe(0);
    const leaving = { direct: false, drainTimeout: 300, forceDrain: false, forceUnreachable: false };
    expect(requests).toEqual([{ file: 'a.yaml', setCurrentContext: true, kubeconfig: 'k', ...leaving }]);
  });

  test('reads how many machines which pools shall have', async () => {
    const { operations, requests } = recorder({ scale: UP });
    expect((await runCli(['scale', 'workers=5', 'control-plane=3'], { operations })).code).toBe(0);
    expect(requests).toMatchObject([{ file: 'cluster.yaml', pools: { workers: 5, 'control-plane': 3 } }]);
    for (const word of ['workers', 'workers=', '=3', 'workers=-1', 'workers=many']) {
      const { code, stderr } = await runCli(['scale', word], { operations });
      expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringContaining('kubewright scale workers=5') });
    }
  });

  test('has node add take a pool, and a name with its address, and node remove and replace take names', async () => {
    const { operations, requests } = recorder({ nodeAdd: UP, nodeRemove: UP, nodeReplace: UP });
    const run = (words: string) => runCli(['node', ...words.split(' ')], { operations });
    expect((await run('add --pool workers --count 2')).code).toBe(0);
    expect((await run('add web-4 --pool web --address 10.0.1.24')).code).toBe(0);
    expect((await run('remove workers-2 workers-3')).code).toBe(0);
    expect((await run('replace control-plane-1 --force-unreachable')).code).toBe(0);
    expect(requests).toMatchObject([
      { pool: 'workers', count: 2, host: undefined },
      { pool: 'web', host: { name: 'web-4', address: '10.0.1.24' } },
      { names: ['workers-2', 'workers-3'] },
      { names: ['control-plane-1'], forceUnreachable: true },
    ]);
    for (const wrong of ['add', 'add web-4 --pool web', 'remove', 'replace', 'remove a --pool b', 'mend a']) {
      expect((await run(wrong)).code, wrong).toBe(64);
    }
  });

  test('takes ./cluster.yaml when nothing else is said, and common flags before its name as well', async () => {
    const { operations, requests } = recorder({ status: STATUS });
    await runCli(['status'], { operations });
    await runCli(['-f', 'b.yaml', 'status'], { operations });
    expect(requests).toEqual([{ file: 'cluster.yaml' }, { file: 'b.yaml' }]);
  });

  test('gives exec the words after the dashes untouched', async () => {
    const { operations, requests } = recorder({ exec: [] });
    await runCli(['exec', 'a', 'b', '--parallel', '2', '--', 'sh', '-c', 'a | b', '--', '-y'], { operations });
    expect(requests).toEqual([
      { file: 'cluster.yaml', hosts: ['a', 'b'], command: ['sh', '-c', 'a | b', '--', '-y'], parallel: 2 },
    ]);
  });

  test('down by name does not read a configuration', async () => {
    const { operations, requests } = recorder({ down: { cluster: 'demo', hosts: [], removed: [] } });
    await runCli(['down', '--cluster', 'demo', '-y'], { operations });
    expect(requests).toEqual([{ cluster: 'demo' }]);
  });

  test('reset leaves out hosts that do not answer only when it is told to', async () => {
    const { operations, requests } = recorder({ reset: { cluster: 'demo', hosts: [], removed: [] } });
    await runCli(['reset', '-y'], { operations });
    await runCli(['reset', '-y', '--cluster', 'demo', '--force-unreachable'], { operations });
    expect(requests).toMatchObject([
      { file: 'cluster.yaml', forceUnreachable: false },
      { cluster: 'demo', forceUnreachable: true },
    ]);
  });

  test('the context goes where --direct or --tunnel says', async () => {
    const { operations, requests } = recorder({ up: UP, kubeconfig: { ...UP.kubeconfig, content: '' } });
    await runCli(['up', '--direct'], { operations });
    await runCli(['kubeconfig', '--merge', '--tunnel'], { operations });
    expect(requests).toMatchObject([{ direct: true }, { merge: true, tunnel: true }]);
  });

  test('tunnel runs here, or does what its flag says', async () => {
    const { operations, requests } = recorder({ tunnel: { cluster: 'demo', action: 'status', tunnel: TUNNEL } });
    await runCli(['tunnel'], { operations });
    await runCli(['tunnel', '--detach', '--cluster', 'demo', '--port', '16443'], { operations });
    await runCli(['tunnel', '--stop'], { operations });
    await runCli(['tunnel', '--status'], { operations });
    expect(requests).toEqual([
      { file: 'cluster.yaml', action: 'run' },
      { file: 'cluster.yaml', action: 'start', cluster: 'demo', port: 16_443 },
      { file: 'cluster.yaml', action: 'stop' },
      { file: 'cluster.yaml', action: 'status' },
    ]);
  });

  test('ssh exits with what ssh exits with', async () => {
    const { operations, requests } = recorder({ ssh: 42 });
    expect((await runCli(['ssh', 'workers-1', '--', 'false'], { operations })).code).toBe(42);
    expect(requests).toEqual([{ file: 'cluster.yaml', host: 'workers-1', command: ['false'] }]);
  });
});

describe('the exit code', () => {
  test.each([
    [['plan'], { plan: PLAN }, 2],
    [['plan'], { plan: { ...PLAN, steps: [] } }, 0],
    [['plan'], { plan: { ...PLAN, steps: [{ ...PLAN.steps[0], verdict: 'failed' }] } }, 1],
    [['status'], { status: STATUS }, 1],
    [['status'], { status: { ...STATUS, healthy: true } }, 0],
    [['doctor'], { doctor: { checks: [{ name: 'x', state: 'warning', detail: '' }] } }, 0],
    [['doctor'], { doctor: { checks: [{ name: 'x', state: 'problem', detail: '' }] } }, 1],
    [['tunnel', '--status'], { tunnel: { cluster: 'demo', action: 'status' } }, 1],
    [['tunnel', '--stop'], { tunnel: { cluster: 'demo', action: 'stop' } }, 0],
    [['exec', 'a', '--', 'x'], { exec: [{ host: 'a', code: 3, stdout: '', stderr: '' }] }, 1],
    [['exec', 'a', '--', 'x'], { exec: [{ host: 'a', code: 0, stdout: '', stderr: '' }] }, 0],
  ])('of %j on %j is %i', async (words, results, expected) => {
    expect((await runCli(words, recorder(results))).code).toBe(expected);
  });

  test.each([
    ['config-invalid', 64],
    ['interrupted', 130],
    ['timeout', 1],
    ['internal', 1],
  ] as const)('of the error %s is %i', async (errorCode, expected) => {
    const operations = {
      up: async () => {
        throw new KubewrightError(errorCode, 'it went wrong', { hint: 'mend it' });
      },
    };
    const { code, stderr } = await runCli(['up'], { operations });
    expect(code).toBe(expected);
    expect(stderr).toBe(`${errorCode}: it went wrong\nhint: mend it\n`);
  });

  test('of a bug is 1', async () => {
    const operations = {
      up: async () => {
        throw new TypeError('oops');
      },
    };
    expect(await runCli(['up'], { operations })).toMatchObject({ code: 1 });
  });
});

describe('--output json', () => {
  test('ends the stream with the result', async () => {
    const { stdout } = await runCli(['status', '-o', 'json'], recorder({ status: STATUS }));
    expect(JSON.parse(stdout)).toEqual({
      v: 1,
      at: expect.any(String),
      type: 'result',
      verb: 'status',
      result: STATUS,
    });
  });

  test('can be set for good by KUBEWRIGHT_OUTPUT', async () => {
    process.env['KUBEWRIGHT_OUTPUT'] = 'json';
    try {
      const { stdout } = await runCli(['status'], recorder({ status: STATUS }));
      expect(JSON.parse(stdout)).toMatchObject({ type: 'result' });
    } finally {
      delete process.env['KUBEWRIGHT_OUTPUT'];
    }
  });
});

describe('Ctrl-C', () => {
  /** An `up` that runs until it is stopped, or aborted. */
  async function interrupted(times: number) {
    let interrupt = () => {};
    const seen: string[] = [];
    const outcome = await runCli(['up'], {
      onStart: (given) => {
        interrupt = given;
      },
      operations: {
        up: (_, operator) =>
          new Promise((_resolve, reject) => {
            const end = () => reject(new KubewrightError('interrupted', 'stopped'));
            operator.stop.addEventListener('abort', () => {
              seen.push('stop');
              if (times === 1) end();
            });
            operator.abort.addEventListener('abort', () => {
              seen.push('abort');
              if (times === 2) end();
              else setImmediate(end);
            });
            for (let i = 0; i < times; i++) interrupt();
          }),
      },
    });
    return { ...outcome, seen };
  }

  test('once stops, says how to go on, and exits with 130', async () => {
    const { code, seen, events } = await interrupted(1);
    expect({ code, seen }).toEqual({ code: 130, seen: ['stop'] });
    expect(events).toMatchObject([
      { type: 'note', level: 'warning', text: expect.stringContaining('`kubewright up` goes on from here') },
    ]);
  });

  test('twice aborts', async () => {
    expect(await interrupted(2)).toMatchObject({ code: 130, seen: ['stop', 'abort'] });
  });

  test('three times leaves at once', async () => {
    expect(await interrupted(3)).toMatchObject({ code: 130, exited: true });
  });
});

describe('a question', () => {
  const operations = {
    down: async (_: unknown, operator: { confirm(question: string, expected: string): Promise<boolean> }) => ({
      cluster: (await operator.confirm('Remove demo?', 'demo')) ? 'yes' : 'no',
      hosts: [],
      removed: [],
    }),
  };
  const answered = async (options: object, ...words: string[]) =>
    (await runCli(['down', ...words, '-o', 'json'], { operations, ...options })).stdout;

  test('is answered by typing exactly what it asks for', async () => {
    expect(await answered({ interactive: true, answer: 'demo' })).toContain('"cluster":"yes"');
    expect(await answered({ interactive: true, answer: 'y' })).toContain('"cluster":"no"');
    expect(await answered({ interactive: true, answer: '' })).toContain('"cluster":"no"');
  });

  test('is answered with yes by --yes, and with no where there is nobody to ask', async () => {
    expect(await answered({}, '--yes')).toContain('"cluster":"yes"');
    expect(await answered({})).toContain('"cluster":"no"');
  });
});

test('a flag is declared once for each verb, and no short name twice', () => {
  for (const { name, flags } of COMMANDS) {
    const all: readonly Flag[] = [...flags, ...COMMON_FLAGS];
    expect(new Set(all.map((flag) => flag.name)).size, name).toBe(all.length);
    const shorts = all.flatMap((flag) => flag.short ?? []);
    expect(new Set(shorts).size, name).toBe(shorts.length);
  }
});
