import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { CLI, emptyHome, kubewright, scratchFolder } from './rig.js';

let home = '';

beforeAll(async () => {
  home = await scratchFolder();
  await mkdir(join(home, 'bin'));
  await writeFile(join(home, 'bin/kubewright'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  await chmod(join(home, 'bin/kubewright'), 0o755);
  await writeFile(join(home, 'cluster.yaml'), 'apiVersion: kubewright/v1alpha1\nname: demo\nprovider: {local: {}}\n');
});

function environment() {
  const base = emptyHome(home);
  return { ...base, PATH: `${join(home, 'bin')}:${base['PATH']}` };
}

async function isInstalled(shell: string): Promise<boolean> {
  const { exitCode } = await execa(shell, ['-c', 'true'], { reject: false });
  return exitCode === 0;
}

/** Runs a script in a real shell, in the folder with the config. */
async function inShell(shell: string, args: readonly string[], script: string): Promise<string> {
  const { stdout } = await execa(shell, [...args, '-c', script], {
    cwd: home,
    env: environment(),
    extendEnv: false,
    stdin: 'ignore',
  });
  return stdout;
}

describe('completion in bash', () => {
  /** What bash would offer: the completion function called as readline calls it. */
  async function offered(line: string, ...words: readonly string[]): Promise<readonly string[]> {
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const script = `eval "$(kubewright completion bash)"
      COMP_WORDS=(kubewright ${quoted}); COMP_CWORD=${words.length}; COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}
      _kubewright 2>/dev/null
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    return (await inShell('bash', ['--norc'], script)).split('\n').filter((each) => each !== '');
  }

  test('offers verbs, flags, choices and hosts', async () => {
    expect(await offered('kubewright st', 'st')).toEqual(['status']);
    expect(await offered('kubewright exec --pa', 'exec', '--pa')).toEqual(['--parallel']);
    expect(await offered('kubewright ssh w', 'ssh', 'w')).toEqual(['workers-1', 'workers-2']);
  });

  test('offers files where a file is wanted', async () => {
    expect(await offered('kubewright up -f cl', 'up', '-f', 'cl')).toEqual(['cluster.yaml']);
  });

  test('puts words together that readline cut at the equals sign', async () => {
    expect(await offered('kubewright up --output=j', 'up', '--output', '=', 'j')).toEqual(['json']);
    expect(await offered('kubewright up --output=', 'up', '--output', '=')).toEqual(['text', 'json']);
  });
});

describe('completion in zsh', () => {
  test('is a script that zsh loads, and asks for the words at the cursor', async (context) => {
    context.skip(!(await isInstalled('zsh')), 'zsh is not installed');
    const script = `autoload -Uz compinit; compinit -u -d ${home}/zcompdump
      eval "$(kubewright completion zsh)"
      _describe() { print -rl -- "\${(@)candidates}"; }; _files() { print files; }
      words=(kubewright ssh w); CURRENT=3; _kubewright
      words=(kubewright up -f ''); CURRENT=4; _kubewright`;
    expect((await inShell('zsh', ['-f'], script)).split('\n')).toEqual(['workers-1:host', 'workers-2:host', 'files']);
  });
});

describe('completion in fish', () => {
  test('offers what fish itself would show', async (context) => {
    context.skip(!(await isInstalled('fish')), 'fish is not installed');
    const script = `kubewright completion fish | source
      complete -C 'kubewright ssh w'
      complete -C 'kubewright comp'`;
    expect((await inShell('fish', ['--no-config'], script)).split('\n')).toEqual([
      'workers-1\thost',
      'workers-2\thost',
      'completion\tPrint the completion script of bash, zsh or fish',
    ]);
  });
});

test('completion says nothing where the configuration is broken', async () => {
  const { stdout, exitCode } = await kubewright(['__complete', '--', '-f', 'missing.yaml', 'ssh', ''], home);
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
});
