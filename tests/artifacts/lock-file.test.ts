import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { enforceLockFile, readLockFile } from '../../src/artifacts/lock-file.js';
import type { LockedArtifact } from '../../src/artifacts/locked-artifact.js';
import { temporaryFolder } from '../state/folder.js';
import { sha256 } from './upstream-server.js';

const signal = new AbortController().signal;

const KUBELET: LockedArtifact = {
  name: 'kubelet',
  version: '1.36.3',
  arch: 'amd64',
  source: 'upstream',
  url: 'https://dl.k8s.io/kubelet',
  sha256: sha256('kubelet'),
};
const PAUSE: LockedArtifact = {
  name: 'pause',
  version: '3.10.2',
  arch: 'amd64',
  source: 'build',
  toolchain: 'gcc 12.2.0',
  digest: `sha256:${sha256('pause')}`,
};

describe('artifacts.lock', () => {
  test('records what is new, sorted, and the same again changes nothing', async () => {
    const path = lockPath();
    await enforceLockFile(path, [PAUSE], signal);
    await enforceLockFile(path, [KUBELET], signal);
    const text = readFileSync(path, 'utf8');
    expect(JSON.parse(text)).toEqual({ version: 1, artifacts: [KUBELET, PAUSE] });
    await enforceLockFile(path, [PAUSE, KUBELET], signal);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('insists on what it has, naming both sums, and stays as it is', async () => {
    const path = lockPath();
    await enforceLockFile(path, [KUBELET, PAUSE], signal);
    const before = readFileSync(path, 'utf8');
    const other = { ...PAUSE, digest: `sha256:${sha256('other')}` };
    await expect(enforceLockFile(path, [other], signal)).rejects.toMatchObject({
      code: 'artifact-lock-mismatch',
      message: `pause 3.10.2 for amd64 (build) is ${other.digest}, but ${path} has ${PAUSE.digest}`,
    });
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  test.each([
    ['another architecture', { arch: 'arm64' }],
    ['another source', { source: 'upstream' }],
    ['another version', { version: '3.10.3' }],
    ['another toolchain', { toolchain: 'gcc 13.1.0' }],
  ] as const)('may have another sum for %s', async (_, change) => {
    const path = lockPath();
    await enforceLockFile(path, [PAUSE], signal);
    await enforceLockFile(path, [{ ...PAUSE, ...change, digest: `sha256:${sha256('other')}` }], signal);
    expect(await readLockFile(path)).toHaveLength(2);
  });

  test('loses nothing when many write to it at once', async () => {
    const path = lockPath();
    const artifacts = Array.from({ length: 12 }, (_, index) => ({ ...KUBELET, version: `1.36.${index}` }));
    await Promise.all(artifacts.map((artifact) => enforceLockFile(path, [artifact], signal)));
    expect(await readLockFile(path)).toHaveLength(12);
  });

  test.each([
    ['is cut off', '{"version": 1, "artifacts": ['],
    ['is of another version', '{"version": 2, "artifacts": []}'],
    ['has a sum that is none', JSON.stringify({ version: 1, artifacts: [{ ...KUBELET, sha256: 'abc' }] })],
    ['has fields nobody knows', JSON.stringify({ version: 1, artifacts: [{ ...KUBELET, md5: 'abc' }] })],
  ])('that %s is an error with its path, and is left alone', async (_, text) => {
    const path = lockPath();
    writeFileSync(path, text);
    await expect(enforceLockFile(path, [PAUSE], signal)).rejects.toMatchObject({
      code: 'artifact-lock-invalid',
      message: expect.stringContaining(path),
    });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

function lockPath(): string {
  return join(temporaryFolder(), 'artifacts.lock');
}
