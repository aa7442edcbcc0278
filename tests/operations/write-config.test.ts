import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeConfig } from '../../src/operations/write-config.js';

let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-write-'));
  file = join(folder, 'cluster.yaml');
  await writeFile(file, '\ufeffbefore\r\n');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('the new text takes the place of the old one, and the mode stays', async () => {
  await chmod(file, 0o640);
  await writeConfig(file, 'after\n', '\ufeffbefore\r\n');
  expect(await readFile(file, 'utf8')).toBe('after\n');
  expect((await stat(file)).mode & 0o7777).toBe(0o640);
  expect(await readdir(folder)).toEqual(['cluster.yaml']);
});

test('a symbolic link stays one', async () => {
  const link = join(folder, 'link.yaml');
  await symlink('cluster.yaml', link);
  await writeConfig(link, 'after\n', '\ufeffbefore\r\n');
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect(await readFile(file, 'utf8')).toBe('after\n');
});

test('a file that was changed meanwhile is left alone', async () => {
  await expect(writeConfig(file, 'after\n', 'another\n')).rejects.toMatchObject({
    code: 'edit-impossible',
    message: `${file} was changed by somebody else meanwhile`,
    hint: 'Look at it, then run the same command again.',
  });
  expect(await readFile(file, 'utf8')).toBe('\ufeffbefore\r\n');
});

test('the same text is not written again', async () => {
  const { ino, mtimeMs } = await stat(file);
  await writeConfig(file, '\ufeffbefore\r\n', '\ufeffbefore\r\n');
  expect(await stat(file)).toMatchObject({ ino, mtimeMs });
});

test('a file that is gone is named', async () => {
  await rm(file);
  await expect(writeConfig(file, 'after\n', 'before\n')).rejects.toMatchObject({
    code: 'file-not-writable',
    message: expect.stringContaining(`${file} could not be written: ENOENT`),
  });
});
