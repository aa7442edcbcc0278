import { access, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratchFolder } from './rig.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A folder with the few programs that every Debian has, and nothing of what setup.sh looks for. */
let bare = '';

beforeAll(async () => {
  bare = join(await scratchFolder(), 'bin');
  await mkdir(bare);
  for (const name of ['sed', 'cat', 'head', 'tail', 'tr', 'dirname', 'mktemp', 'apt-get', 'sleep']) {
    const { stdout } = await execa('sh', ['-c', `command -v ${name} || true`]);
    if (stdout !== '') await symlink(stdout, join(bare, name));
  }
  await writeFile(join(bare, 'id'), '#!/bin/sh\necho 1000\n', { mode: 0o755 });
});

/** Runs setup.sh as what seems to be a user without rights, on what seems to be a bare machine. */
function setup(scope: string, upstream: 'yes' | 'no') {
  return execa('/bin/sh', [join(ROOT, 'scripts/setup.sh'), scope], {
    cwd: '/',
    env: { PATH: bare, upstream },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
}

describe('setup.sh without root', () => {
  test('says what is missing, why each is needed, and what to run; it installs nothing', async (context) => {
    context.skip(
      !(await access(join(bare, 'apt-get')).then(
        () => true,
        () => false,
      )),
      'this is no Debian',
    );
    const { exitCode, stderr, stdout } = await setup('run', 'no');
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    for (const name of ['docker.io', 'debootstrap', 'gcc', 'pkg-config', 'golang-go', 'nftables', 'haproxy']) {
      expect(stderr).toMatch(new RegExp(`^ +${name}: .{10}`, 'm'));
    }
    expect(stderr).toContain(`sudo sh ${ROOT.replace(/\/$/, '')}/scripts/setup.sh run`);
  });

  test('does not ask for what builds from source where upstream answers', async () => {
    const { stderr } = await setup('run', 'yes');
    expect(stderr).toContain('docker.io');
    expect(stderr).not.toContain('golang-go');
    expect(stderr).not.toContain('debootstrap');
  });
});

test('the scripts are POSIX sh', async () => {
  for (const script of ['start', 'scripts/setup.sh']) {
    const { exitCode, stderr } = await execa('sh', ['-n', join(ROOT, script)], { reject: false });
    expect({ script, exitCode, stderr }).toEqual({ script, exitCode: 0, stderr: '' });
  }
});
