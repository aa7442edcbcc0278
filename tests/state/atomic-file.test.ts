import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { writeFileAtomically } from '../../src/state/atomic-file.js';
import { testUnless } from '../rig/unless.js';
import { temporaryFolder } from './folder.js';
import { cannotMount, makeReadOnly, smallDisk } from './small-disk.js';

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('a file is for its owner alone, and so are the folders that are made for it', async () => {
  const path = join(temporaryFolder(), 'a/b/file');
  await writeFileAtomically(path, 'one');
  expect(readFileSync(path, 'utf8')).toBe('one');
  expect([mode(path), mode(dirname(path)), mode(dirname(dirname(path)))]).toEqual(['600', '700', '700']);
});

test('an existing file is replaced with the mode that was asked for', async () => {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, 'before', { mode: 0o600 });
  await writeFileAtomically(path, Buffer.from('after'), { mode: 0o644 });
  expect(readFileSync(path, 'utf8')).toBe('after');
  expect(mode(path)).toBe('644');
});

test('a symbolic link stays, and what it points to is replaced', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'real'), 'before');
  symlinkSync('real', join(folder, 'link'));
  await writeFileAtomically(join(folder, 'link'), 'after');
  expect(readFileSync(join(folder, 'real'), 'utf8')).toBe('after');
  expect(readdirSync(folder).sort()).toEqual(['link', 'real']);
});

test('many writers at once leave one whole file and nothing else', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'file');
  const contents = Array.from({ length: 20 }, (_, at) => `${at}`.repeat(100_000));
  await Promise.all(contents.map((content) => writeFileAtomically(path, content)));
  expect(contents).toContain(readFileSync(path, 'utf8'));
  expect(readdirSync(folder)).toEqual(['file']);
});

test('a folder in the place of the file is named, and no draft is left', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'file'));
  await expect(writeFileAtomically(join(folder, 'file'), 'x', { doing: 'write the record' })).rejects.toMatchObject({
    code: 'state-unwritable',
    message: `could not write the record: there is a folder in its place: ${join(folder, 'file')}`,
  });
  expect(readdirSync(folder)).toEqual(['file']);
});

test('a file in the place of a folder is named', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a'), '');
  await expect(writeFileAtomically(join(folder, 'a/b'), 'x')).rejects.toMatchObject({
    message: `could not write a file: a part of the path is not a folder: ${join(folder, 'a/b')}`,
  });
});

testUnless(cannotMount, 'a full disk leaves the old content whole and no draft', async () => {
  const folder = smallDisk(64 * 1024);
  const path = join(folder, 'file');
  await writeFileAtomically(path, 'before');
  await expect(writeFileAtomically(path, 'x'.repeat(200_000))).rejects.toMatchObject({
    code: 'state-unwritable',
    message: `could not write a file: no space left: ${path}`,
    hint: expect.stringContaining('Make room'),
  });
  expect(readFileSync(path, 'utf8')).toBe('before');
  expect(readdirSync(folder)).toEqual(['file']);
});

testUnless(cannotMount, 'a read-only file system is called that', async () => {
  const folder = smallDisk(64 * 1024);
  makeReadOnly(folder);
  await expect(writeFileAtomically(join(folder, 'file'), 'x')).rejects.toMatchObject({
    message: `could not write a file: the file system is read-only: ${join(folder, 'file')}`,
    hint: 'Set KUBEWRIGHT_STATE_DIR to a folder that can be written.',
  });
});
