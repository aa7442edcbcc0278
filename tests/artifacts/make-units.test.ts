import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adoptBlob, blobPath } from '../../src/artifacts/blobs.js';
import { type MakeOptions, makeUnits } from '../../src/artifacts/make-units.js';
import type { ArtifactReport } from '../../src/artifacts/report.js';
import type { Unit, UnitContext } from '../../src/artifacts/unit.js';
import { KubewrightError } from '../../src/core/errors.js';
import { temporaryFolder } from '../state/folder.js';
import { sha256 } from './upstream-server.js';

describe('units', () => {
  test('are made once, and remembered by what shapes them', async () => {
    const { made, make, unit } = rig();
    const first = await make([unit('runc'), unit('kubelet')]);
    expect(made).toEqual(['runc', 'kubelet']);
    expect(first.files['runc']?.sha256).toBe(sha256('content of runc'));
    expect(await make([unit('runc'), unit('kubelet')])).toEqual(first);
    expect(made).toEqual(['runc', 'kubelet']);
    await make([unit('runc', { key: { go: 'go1.27' } }), unit('kubelet')]);
    expect(made).toEqual(['runc', 'kubelet', 'runc']);
  });

  test('that are done stay done when a later one fails', async () => {
    const { made, make, unit } = rig();
    const broken = unit('kubelet', { make: () => Promise.reject(new KubewrightError('build-failed', 'no')) });
    await expect(make([unit('runc'), broken, unit('etcd')])).rejects.toMatchObject({ code: 'build-failed' });
    expect(made).toEqual(['runc']);
    await make([unit('runc'), unit('kubelet'), unit('etcd')]);
    expect(made).toEqual(['runc', 'kubelet', 'etcd']);
  });

  test('that run side by side are all ended before a failure is told', async () => {
    const { make, unit, cache } = rig();
    let ended = false;
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const slow = unit('slow', {
      make: ({ signal }) =>
        new Promise((_, reject) => {
          begin();
          signal.addEventListener('abort', () => {
            setImmediate(() => {
              ended = true;
              reject(new Error('ended'));
            });
          });
        }),
    });
    const broken = unit('broken', {
      make: () => begun.then(() => Promise.reject(new KubewrightError('build-failed', 'no'))),
    });
    await expect(make([slow, broken], { atOnce: 2 })).rejects.toMatchObject({ code: 'build-failed' });
    expect(ended).toBe(true);
    expect(readdirSync(cache)).not.toContain('work');
  });

  test.each([
    ['is missing', (path: string) => rmSync(path)],
    ['is cut short', (path: string) => overwrite(path, 'cont')],
    ['has other bytes', (path: string) => overwrite(path, 'CONTENT of runc')],
  ])('of which a file %s are made again, and only those', async (_, damage) => {
    const { made, make, unit, cache } = rig();
    const result = await make([unit('runc'), unit('kubelet')]);
    const path = blobPath(cache, result.files['runc']?.sha256 ?? '');
    damage(path);
    await make([unit('runc'), unit('kubelet')]);
    expect(made).toEqual(['runc', 'kubelet', 'runc']);
    expect(statSync(path).size).toBe('content of runc'.length);
  });

  test('whose files only have another time, as in a cache that was copied, are not made again', async () => {
    const { made, make, unit, cache } = rig();
    const result = await make([unit('runc')]);
    utimesSync(blobPath(cache, result.files['runc']?.sha256 ?? ''), 1, 1);
    await make([unit('runc')]);
    expect(made).toEqual(['runc']);
  });

  test('leave nothing of a killed run behind', async () => {
    const { make, unit, cache } = rig();
    await make([unit('runc')]);
    const leftover = join(cache, 'work', '7');
    mkdirSync(leftover, { recursive: true });
    await make([
      unit('kubelet', {
        async make() {
          expect(existsSync(leftover)).toBe(false);
          return { files: {}, images: {}, locked: [] };
        },
      }),
    ]);
    expect(readdirSync(cache).sort()).toEqual(['blobs', 'units']);
  });

  test('that need more space than there is are not begun', async () => {
    const { made, make, unit } = rig();
    const error: KubewrightError = await make([unit('runc'), unit('kubelet', { space: 1e18 })]).catch((e) => e);
    expect(error.code).toBe('disk-full');
    expect(error.message).toMatch(/needs about 1000000000\.0 GB of space for .*, which has \d+\.\d GB/);
    expect(made).toEqual([]);
  });

  test('say how many of them are done, and what is being worked on', async () => {
    const { make, unit, reports } = rig();
    await make([unit('runc'), unit('kubelet')]);
    const progress = reports.filter((report) => report.kind === 'progress');
    expect(progress.map(({ done, total, what }) => [done, total, what])).toEqual([
      [0, 2, 'runc'],
      [1, 2, undefined],
      [1, 2, 'kubelet'],
      [2, 2, undefined],
    ]);
    expect(reports).toContainEqual({
      kind: 'note',
      text: 'artifacts: building 2 of 2 components from source; interrupted, it goes on with what is left',
    });
  });
});

function rig() {
  const cache = temporaryFolder();
  const made: string[] = [];
  const reports: ArtifactReport[] = [];
  const unit = (name: string, overrides: Partial<Unit> = {}): Unit => ({
    title: name,
    key: { name },
    space: 0,
    async make(context: UnitContext) {
      const path = join(context.directory, name);
      await writeFile(path, `content of ${name}`);
      const seal = await adoptBlob(context.cacheDirectory, path, sha256(`content of ${name}`), 0o555);
      made.push(name);
      return { files: { [name]: seal }, images: {}, locked: [] };
    },
    ...overrides,
  });
  const make = (units: readonly Unit[], overrides: Partial<MakeOptions> = {}) =>
    makeUnits(units, {
      cacheDirectory: cache,
      atOnce: 1,
      signal: new AbortController().signal,
      report: (event) => void reports.push(event),
      progress: 'items',
      ...overrides,
    });
  return { cache, made, reports, unit, make };
}

function overwrite(path: string, content: string): void {
  rmSync(path);
  writeFileSync(path, content);
}
