import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type TarEntry, tarArchive } from '../../src/artifacts/oci/tar.js';
import { unpackFiles } from '../../src/artifacts/upstream/unpack.js';
import { temporaryFolder } from '../state/folder.js';

test('only the wanted files are taken out of an archive', async () => {
  const { archive, out } = packed([file('./bin/ctr', 'ctr'), file('bin/containerd-stress', 'unwanted')]);
  const found = await unpackFiles(archive, ['bin/ctr', 'bin/runc'], out);
  expect([...found]).toEqual([['bin/ctr', join(out, 'bin/ctr')]]);
  expect(readFileSync(join(out, 'bin/ctr'), 'utf8')).toBe('ctr');
  expect(readdirSync(join(out, 'bin'))).toEqual(['ctr']);
});

test('an archive that points outside of itself gives nothing and writes nothing', async () => {
  const { archive, out, folder } = packed([
    file('../escaped', 'evil'),
    { path: 'bin', type: 'symlink', target: folderOutside },
    file('bin/ctr', 'evil'),
    { path: 'ctr', type: 'symlink', target: '/etc/passwd' },
  ]);
  const found = await unpackFiles(archive, ['ctr'], out);
  expect(found.size).toBe(0);
  expect(existsSync(join(folder, 'escaped'))).toBe(false);
  expect(readdirSync(out)).toEqual([]);
});

test.each([
  ['is no archive', () => Buffer.from('<html>Please log in</html>')],
  ['is cut off', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
])('what %s is an error that names it', async (_, change) => {
  const { archive, out } = packed([file('ctr', 'x'.repeat(100_000) + Math.random())]);
  writeFileSync(archive, change(readFileSync(archive)));
  await expect(unpackFiles(archive, ['ctr'], out)).rejects.toMatchObject({
    code: 'artifact-invalid',
    message: expect.stringContaining(archive),
  });
});

const folderOutside = '/tmp';

function file(path: string, content: string): TarEntry {
  return { path, type: 'file', mode: 0o755, content: [Buffer.from(content)] };
}

function packed(entries: readonly TarEntry[]): { archive: string; out: string; folder: string } {
  const folder = temporaryFolder();
  const archive = join(folder, 'archive.tgz');
  const plain = Buffer.concat(tarArchive(entries).flatMap((part) => ('path' in part ? [] : part)));
  writeFileSync(archive, gzipSync(plain));
  return { archive, out: temporaryFolder(), folder };
}
