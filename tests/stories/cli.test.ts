import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { CLI, emptyHome, kubewright, scratchFolder } from './rig.js';

let home = '';

beforeAll(async () => {
  home = await scratchFolder();
});

describe('the built CLI', () => {
  test('shows help without loading the library', async () => {
    const { stdout, stderr, exitCode } = await kubewright(['--help'], home, { env: { NODE_DEBUG: 'esm' } });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Start here:');
    expect(stderr).not.toContain('dist/index.js');
  });

  test('exits with 64 on a misspelt verb and says the right one', async () => {
    const { stdout, stderr, exitCode } = await kubewright(['stauts'], home);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 64 });
    expect(stderr).toContain('Did you mean status?');
  });

  test('shows every problem of a config, and touches nothing', async () => {
    await writeFile(join(home, 'bad.yaml'), 'apiVersion: kubewright/v1alpha1\nname: Bad\nprovidr: {local: {}}\n');
    const { stderr, exitCode } = await kubewright(['up', '-f', 'bad.yaml'], home);
    expect(exitCode).toBe(64);
    expect(stderr).toContain('bad.yaml:2:7');
    expect(stderr).toContain('bad.yaml:3:1');
    expect(stderr).not.toContain('at ');
  });

  test('knows errors of the library, which is bundled apart, for its own', async () => {
    const { stdout, exitCode } = await kubewright(['up', '-f', 'nothing.yaml', '-o', 'json'], home);
    expect(exitCode).toBe(64);
    expect(JSON.parse(String(stdout).split('\n').at(-1) ?? '')).toMatchObject({
      type: 'error',
      error: { code: 'config-invalid' },
    });
  });

  test('ends quietly when nobody reads its output any more', async () => {
    const command = `'${process.execPath}' '${CLI}' help exec; '${process.execPath}' '${CLI}' completion bash`;
    const { stderr } = await execa('sh', ['-c', `(${command}) | head -c 1`], {
      cwd: home,
      env: emptyHome(home),
      extendEnv: false,
    });
    expect(stderr).toBe('');
  });

  test('colours only where it may', async () => {
    const anyColour = '\u001b[';
    expect((await kubewright(['--help'], home)).stdout).not.toContain(anyColour);
    const forced = await kubewright(['--help'], home, { env: { ...emptyHome(home), FORCE_COLOR: '1' } });
    expect(forced.stdout).toContain(anyColour);
  });
});

/** Answers questions on a terminal of its own, made by script(1): each when it has been asked. */
async function dialogue(words: string, answers: readonly (readonly [question: string, keys: string])[]) {
  // A terminal that nobody sits at is 0 columns wide.
  const command = `stty cols 80 rows 24; exec '${process.execPath}' '${CLI}' ${words}`;
  const running = execa('script', ['-qec', command, '/dev/null'], {
    cwd: home,
    env: { ...emptyHome(home), TERM: 'xterm' },
    extendEnv: false,
    reject: false,
    timeout: 30_000,
  });
  let seen = '';
  let next = 0;
  running.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString('utf8');
    const [question, keys] = answers[next] ?? [];
    if (question === undefined || !seen.includes(question)) return;
    next += 1;
    seen = '';
    running.stdin.write(keys ?? '');
  });
  const { exitCode } = await running;
  return { exitCode, answered: next };
}

describe('the wizard', () => {
  test('asks on a terminal, checks what is typed, and writes it', async () => {
    const outcome = await dialogue('init -f asked.yaml', [
      ['What is it called?', 'No good\r'],
      ['No good', '\u0015mine\r'],
      ['Where do the machines come from?', '\r'],
      ['How many control planes?', '3\r'],
      ['How many workers?', '0\r'],
      ['Which release of Kubernetes?', '\r'],
    ]);
    expect(outcome).toEqual({ exitCode: 0, answered: 6 });
    const text = await readFile(join(home, 'asked.yaml'), 'utf8');
    expect(text).toContain('name: mine');
    expect(text).toContain('count: 3');
  });

  test('asks for machines that exist', async () => {
    const outcome = await dialogue('init -f hosts.yaml --name real', [
      ['Where do the machines come from?', '\u001b[B\r'],
      ['Their addresses', '10.0.1.11 10.0.1.21\r'],
      ['How many control planes?', '\r'],
      ['Which release of Kubernetes?', '\r'],
      ['Which user logs in?', 'admin\r'],
      ['Accept host keys', 'y'],
    ]);
    expect(outcome).toEqual({ exitCode: 0, answered: 6 });
    const { exitCode, stdout } = await kubewright(['validate', 'hosts.yaml'], home);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('cluster real');
    expect(stdout).toContain('1 control plane and 1 worker.');
    expect(await readFile(join(home, 'hosts.yaml'), 'utf8')).toMatch(/user: admin[\s\S]* hostKey: trust-on-first-use/);
  });

  test('writes nothing when it is left by Ctrl-C', async () => {
    const { exitCode } = await dialogue('init -f left.yaml', [['What is it called?', 'mine\u0003']]);
    expect(exitCode).toBe(130);
    await expect(readFile(join(home, 'left.yaml'))).rejects.toThrow('ENOENT');
  });
});

describe('down asks before it removes anything', () => {
  beforeAll(() =>
    writeFile(join(home, 'demo.yaml'), 'apiVersion: kubewright/v1alpha1\nname: demo\nprovider: {local: {}}\n'),
  );

  test('and takes nothing but the name for a yes', async () => {
    expect(await dialogue('down -f demo.yaml', [['demo', 'yes\r']])).toEqual({ exitCode: 1, answered: 1 });
  });

  test('and is left by Ctrl-C', async () => {
    expect(await dialogue('down -f demo.yaml', [['demo', '\u0003']])).toEqual({ exitCode: 130, answered: 1 });
  });

  test('and does nothing where there is nobody to ask', async () => {
    const { exitCode, stderr } = await kubewright(['down', '-f', 'demo.yaml'], home);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('--yes');
  });
});
