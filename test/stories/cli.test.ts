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

describe('the wizard', () => {
  /** Types the keys on a terminal of its own, made by script(1). */
  async function onTerminal(command: string, keys: string) {
    const { stdout, exitCode } = await execa('script', ['-qec', command, '/dev/null'], {
      cwd: home,
      env: { ...emptyHome(home), TERM: 'xterm' },
      extendEnv: false,
      input: keys,
      reject: false,
    });
    return { stdout, exitCode };
  }

  test('asks on a terminal and writes what was answered', async () => {
    const { exitCode } = await onTerminal(`'${process.execPath}' '${CLI}' init -f asked.yaml`, 'mine\r\r3\r0\r\r');
    expect(exitCode).toBe(0);
    const text = await readFile(join(home, 'asked.yaml'), 'utf8');
    expect(text).toContain('name: mine');
    expect(text).toContain('count: 3');
  });

  test('writes nothing when it is left by Ctrl-C', async () => {
    const { exitCode } = await onTerminal(`'${process.execPath}' '${CLI}' init -f left.yaml`, 'mine\r\u0003');
    expect(exitCode).toBe(130);
    await expect(readFile(join(home, 'left.yaml'))).rejects.toThrow('ENOENT');
  });
});
