import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, readlinkSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ImageContent, makeImage } from '../../src/artifacts/oci/image.js';
import { sha256Of, sizeOf, writeSegments } from '../../src/artifacts/oci/segment.js';
import { type TarEntry, tarArchive, withParents } from '../../src/artifacts/oci/tar.js';
import { temporaryFolder } from '../state/folder.js';
import { sha256 } from './upstream-server.js';

const signal = new AbortController().signal;

describe('a tar archive', () => {
  test('is read by tar(1) as it was meant', async () => {
    const folder = temporaryFolder();
    const onDisk = join(folder, 'program');
    writeFileSync(onDisk, randomBytes(100_001));
    const archive = await written(
      tarArchive(
        withParents([
          { path: 'usr/sbin/nft', type: 'file', mode: 0o755, content: [{ path: onDisk, size: 100_001 }] },
          { path: 'usr/sbin/iptables', type: 'symlink', target: 'nft' },
          {
            path: 'etc/protocols',
            type: 'file',
            mode: 0o644,
            content: [Buffer.from('tcp 6\n'), Buffer.from('udp 17\n')],
          },
          { path: 'tmp', type: 'directory', mode: 0o1777 },
        ]),
      ),
    );
    const out = temporaryFolder();
    execFileSync('tar', ['-xpf', archive, '-C', out]);
    expect(readFileSync(join(out, 'usr/sbin/nft')).equals(readFileSync(onDisk))).toBe(true);
    expect(statSync(join(out, 'usr/sbin/nft')).mode & 0o7777).toBe(0o755);
    expect(readlinkSync(join(out, 'usr/sbin/iptables'))).toBe('nft');
    expect(readFileSync(join(out, 'etc/protocols'), 'utf8')).toBe('tcp 6\nudp 17\n');
    expect(statSync(join(out, 'usr/sbin')).mode & 0o7777).toBe(0o755);
    const list = execFileSync('tar', ['--numeric-owner', '--utc', '-tvf', archive], { encoding: 'utf8' });
    for (const line of list.trim().split('\n')) expect(line).toMatch(/ 0\/0 .* 1970-01-01 00:00 /);
  });

  test('of any files is read back the same by tar(1)', async () => {
    const name = fc.stringMatching(/^[a-z0-9_.-]{1,30}$/).filter((each) => each !== '.' && each !== '..');
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, fc.uint8Array({ maxLength: 1500 }), { minKeys: 1 }), async (files) => {
        const entries: TarEntry[] = Object.entries(files).map(([path, content]) => ({
          path: `deep/er/${path}`,
          type: 'file',
          mode: 0o644,
          content: [content],
        }));
        const archive = await written(tarArchive(withParents(entries)));
        const out = temporaryFolder();
        execFileSync('tar', ['-xf', archive, '-C', out]);
        for (const [path, content] of Object.entries(files)) {
          expect(readFileSync(join(out, 'deep/er', path)).equals(content)).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('refuses a name that does not fit rather than shortening it', () => {
    const path = 'x'.repeat(300);
    expect(() => tarArchive([{ path, type: 'file', mode: 0o644, content: [] }])).toThrow('does not fit');
  });

  test('is not written from a file that changed meanwhile', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'file');
    writeFileSync(file, 'longer than before');
    await expect(sha256Of([{ path: file, size: 6 }], signal)).rejects.toThrow('changed while it was read');
  });
});

describe('an image', () => {
  test('of the same content has the same digest, whatever order, times, owners and modes the files have on disk', async () => {
    const make = async (mtime: number, mode: number, reversed: boolean) => {
      const folder = temporaryFolder();
      mkdirSync(join(folder, 'a'));
      const entries = ['kube-proxy', 'nft'].map((name): TarEntry => {
        const path = join(folder, 'a', name);
        writeFileSync(path, `content of ${name}`);
        utimesSync(path, mtime, mtime);
        chmodSync(path, mode);
        return { path: `usr/bin/${name}`, type: 'file', mode: 0o755, content: [{ path, size: statSync(path).size }] };
      });
      return makeImage({ ...IMAGE, layers: [reversed ? entries.reverse() : entries] }, signal);
    };
    const [one, two] = [await make(1, 0o600, false), await make(1_700_000_000, 0o755, true)];
    expect(one.digest).toBe(two.digest);
    expect(await sha256Of(one.archive, signal)).toBe(await sha256Of(two.archive, signal));
  });

  test.each([
    ['other bytes', { layers: [[file('pause', 'other')]] }],
    ['another entrypoint', { entrypoint: ['/other'] }],
    ['another user', { user: '1:1' }],
    ['another architecture', { arch: 'arm64' }],
  ] as const)('with %s has another digest', async (_, change) => {
    const [one, two] = [await makeImage(IMAGE, signal), await makeImage({ ...IMAGE, ...change }, signal)];
    expect(one.digest).not.toBe(two.digest);
  });

  test('is an OCI layout whose every digest and size is true', async () => {
    const { folder, digest } = await unpackedImage(IMAGE);
    const blob = ({ digest: name, size }: { digest: string; size: number }) => {
      const content = readFileSync(join(folder, 'blobs', name.replace(':', '/')));
      expect(`sha256:${sha256(content)}`).toBe(name);
      expect(content.length).toBe(size);
      return content;
    };
    const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
    expect(index.manifests[0].digest).toBe(digest);
    expect(index.manifests[0].annotations).toEqual({
      'io.containerd.image.name': 'registry.k8s.io/pause:3.10.2',
      'org.opencontainers.image.ref.name': 'registry.k8s.io/pause:3.10.2',
    });
    const manifest = JSON.parse(blob(index.manifests[0]).toString());
    const config = JSON.parse(blob(manifest.config).toString());
    expect(config).toMatchObject({
      architecture: 'amd64',
      os: 'linux',
      config: { User: '65535:65535', Entrypoint: ['/pause'] },
    });
    const [layer] = manifest.layers;
    expect(config.rootfs.diff_ids).toEqual([`sha256:${sha256(blob(layer))}`]);
  });

  test('with compressed layers names the digest of what was compressed', async () => {
    const compression = {
      suffix: '+gzip',
      async compress(layer: Parameters<typeof sizeOf>[0]) {
        const plain = await written(layer);
        execFileSync('gzip', ['-n', plain]);
        return { path: `${plain}.gz`, size: statSync(`${plain}.gz`).size };
      },
    };
    const { folder } = await unpackedImage({ ...IMAGE, compression });
    const json = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8'));
    const at = (digest: string) => `blobs/${digest.replace(':', '/')}`;
    const manifest = json(at(json('index.json').manifests[0].digest));
    expect(manifest.layers[0].mediaType).toBe('application/vnd.oci.image.layer.v1.tar+gzip');
    const plain = execFileSync('gzip', ['-dc', join(folder, at(manifest.layers[0].digest))]);
    expect(json(at(manifest.config.digest)).rootfs.diff_ids).toEqual([`sha256:${sha256(plain)}`]);
  });
});

const IMAGE: ImageContent = {
  ref: 'registry.k8s.io/pause:3.10.2',
  arch: 'amd64',
  layers: [[file('pause', 'the program')]],
  entrypoint: ['/pause'],
  user: '65535:65535',
};

function file(path: string, content: string): TarEntry {
  return { path, type: 'file', mode: 0o755, content: [Buffer.from(content)] };
}

async function written(segments: Parameters<typeof sizeOf>[0]): Promise<string> {
  const path = join(temporaryFolder(), 'archive.tar');
  const sum = await writeSegments(segments, path, signal);
  const content = readFileSync(path);
  expect(sum).toBe(sha256(content));
  expect(content.length).toBe(sizeOf(segments));
  return path;
}

async function unpackedImage(content: ImageContent): Promise<{ folder: string; digest: string }> {
  const image = await makeImage(content, signal);
  const folder = temporaryFolder();
  execFileSync('tar', ['-xf', await written(image.archive), '-C', folder]);
  return { folder, digest: image.digest };
}
