import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatDiagnostics } from '../../src/config/diagnostics.js';
import { loadConfig } from '../../src/config/load.js';
import { diagnosticsOf, local } from './problems.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function messageOf(path: string): Promise<string> {
  const result = await loadConfig(path);
  return formatDiagnostics(diagnosticsOf(result), '').replaceAll(folder, 'FOLDER');
}

/** Root may read every file, so it is somebody else for the while. */
async function unprivileged<T>(action: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return action();
  process.seteuid?.(65534);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}

describe('a file', () => {
  test('that is fine gives its cluster, its text and its document', async () => {
    const path = join(folder, 'fine.yaml');
    await writeFile(path, local('api: {} # mine\n'));
    const result = await loadConfig(path);
    if (!result.ok) throw new Error('not ok');
    expect(result).toMatchObject({
      file: path,
      text: local('api: {} # mine\n'),
      warnings: [],
      cluster: { name: 'demo' },
    });
    result.document.setIn(['name'], 'other');
    expect(result.document.toString()).toBe(
      'apiVersion: kubewright/v1alpha1\nname: other\nprovider: { local: {} }\napi: {} # mine\n',
    );
  });

  test('that does not exist says how to come by one', async () => {
    expect(await messageOf(join(folder, 'none.yaml'))).toBe(
      'FOLDER/none.yaml: error: there is no such file\n  hint: `kubewright init` writes one; --file names another.',
    );
  });

  test('that is a folder says so', async () => {
    await mkdir(join(folder, 'folder.yaml'));
    expect(await messageOf(join(folder, 'folder.yaml'))).toContain('folder.yaml: error: this is a folder\n');
  });

  test('below a file, or that is a link to itself, cannot be read', async () => {
    await writeFile(join(folder, 'file'), '');
    await symlink('loop', join(folder, 'loop'));
    expect(await messageOf(join(folder, 'file', 'a.yaml'))).toContain('error: this file cannot be read: ENOTDIR');
    expect(await messageOf(join(folder, 'loop'))).toContain('error: this file cannot be read: ELOOP');
  });

  test('that may not be read says so', async () => {
    const path = join(folder, 'secret.yaml');
    await writeFile(path, local(), { mode: 0o000 });
    expect(await unprivileged(() => messageOf(path))).toContain('error: this file may not be read\n');
  });

  test('that is too large is not read to its end, nor is an endless one', async () => {
    const path = join(folder, 'large.yaml');
    const file = await open(path, 'w');
    await file.truncate(1024 ** 4);
    await file.close();
    expect(await messageOf(path)).toContain('error: this file is larger than 1 MiB');
    expect(await messageOf('/dev/zero')).toContain('error: this file is larger than 1 MiB');
  });

  test('that is not UTF-8 says in which line', async () => {
    const path = join(folder, 'latin.yaml');
    await writeFile(path, Buffer.concat([Buffer.from(local('# f')), Buffer.from([0xfc]), Buffer.from('r\n')]));
    expect(await messageOf(path)).toBe(
      'FOLDER/latin.yaml:4:1: error: this line is not UTF-8\n  hint: Save the file as UTF-8.',
    );
  });

  test.each(['utf16le', 'utf16be'])('that is UTF-16 (%s) says so', async (order) => {
    const bytes = Buffer.from(`\ufeff${local()}`, 'utf16le');
    const path = join(folder, `${order}.yaml`);
    await writeFile(path, order === 'utf16le' ? bytes : bytes.swap16());
    expect(await messageOf(path)).toContain('error: this file is UTF-16\n  hint: Save it as UTF-8.');
  });

  test('that is a pipe is read like any other', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const [result] = await Promise.all([loadConfig(path), writeFile(path, local())]);
    expect(result.ok).toBe(true);
  });

  test('with control characters in its name does no harm to a terminal', async () => {
    expect(await messageOf(join(folder, 'a\u001b[2Jb'))).toContain('FOLDER/a\\x1b[2Jb: error: there is no such file');
  });
});
