import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { findPayload, resolvePayload } from '../../src/artifacts/resolve.js';
import type { KubewrightError } from '../../src/core/errors.js';
import { temporaryFolder } from '../state/folder.js';
import { type FakeUpstream, fakeUpstream, unlisted, VERSION } from './fake-upstream.js';
import { putImage } from './registry-content.js';
import { sendPart, sha256 } from './upstream-server.js';

describe('a payload from upstream', () => {
  test('has every file and image, verified, each under its sha256 in one folder', async () => {
    const { request, notes } = await fakeUpstream();
    const payload = await resolvePayload(request);
    expect(payload).toMatchObject({ arch: 'amd64', kubernetesVersion: VERSION, source: 'upstream' });
    expect(payload.files).toHaveLength(16);
    expect(payload.images).toHaveLength(9);
    for (const { path, sha256: sum, size } of [...payload.files, ...payload.images]) {
      expect(dirname(path)).toBe(join(request.cacheDirectory, 'blobs'));
      expect(basename(path)).toBe(sum);
      expect(sha256(readFileSync(path))).toBe(sum);
      expect(statSync(path).size).toBe(size);
    }
    const content = (name: string) => {
      const file = payload.files.find((each) => each.name === name);
      return file && { text: readFileSync(file.path, 'utf8'), mode: statSync(file.path).mode & 0o777 };
    };
    expect(content('kubelet')).toEqual({ text: `kubelet ${VERSION}`, mode: 0o555 });
    expect(content('ctr')).toEqual({ text: 'ctr', mode: 0o555 });
    expect(content('cni/host-local')).toEqual({ text: 'plugin host-local', mode: 0o555 });
    expect(content('cni/flannel')).toEqual({ text: 'flannel plugin', mode: 0o555 });
    expect(notes()).toEqual(['artifacts: downloading from upstream']);
    expect(readdirSync(request.cacheDirectory).sort()).toEqual(['blobs', 'partial', 'payloads', 'units']);
    expect(readdirSync(join(request.cacheDirectory, 'partial'))).toEqual([]);
  });

  test('comes from the cache the second time, without a word or a request', async () => {
    const { request, server, reports } = await fakeUpstream();
    const first = await resolvePayload(request);
    server.forget();
    const said = reports.length;
    const again = await resolvePayload(request);
    expect(again).toEqual({ ...first, source: 'cache' });
    expect(server.requests).toEqual([]);
    expect(reports).toHaveLength(said);
  });

  test('is found in the cache by those who want none that is not there, who get and lock nothing', async () => {
    const { request, server } = await fakeUpstream();
    expect(await findPayload(request)).toBeUndefined();
    expect(server.requests).toEqual([]);
    const payload = await resolvePayload(request);
    rmSync(request.lockFile);
    server.forget();
    expect(await findPayload(request)).toEqual({ ...payload, source: 'cache' });
    expect(server.requests).toEqual([]);
    expect(existsSync(request.lockFile)).toBe(false);
    rmSync(payload.images[0]?.path ?? '');
    expect(await findPayload(request)).toBeUndefined();
  });

  test('is recorded in artifacts.lock with true sums and upstream addresses, not the mirror', async () => {
    const { request, server } = await fakeUpstream();
    const payload = await resolvePayload(request);
    const text = readFileSync(request.lockFile, 'utf8');
    expect(text).not.toContain(server.host);
    const { artifacts } = JSON.parse(text);
    expect(artifacts).toContainEqual({
      name: 'kubelet',
      version: VERSION,
      arch: 'amd64',
      source: 'upstream',
      url: `https://dl.k8s.io/release/v${VERSION}/bin/linux/amd64/kubelet`,
      sha256: sha256(`kubelet ${VERSION}`),
    });
    const etcd = payload.images.find(({ name }) => name === 'etcd');
    expect(artifacts).toContainEqual(
      expect.objectContaining({ name: 'etcd', version: etcd?.version, url: etcd?.ref, digest: etcd?.digest }),
    );
  });

  test('goes on where an earlier run was cut off', async () => {
    const upstream = await fakeUpstream();
    const { request, server, paths } = upstream;
    const interrupt = new AbortController();
    server.once(paths.kubelet, (incoming, response) => {
      sendPart(Buffer.from(`kubelet ${VERSION}`), 4, () => {})(incoming, response);
      // Not before the others are there: what is complete must not be fetched again.
      const timer = setInterval(() => {
        if (unitsOf(upstream) < 15) return;
        clearInterval(timer);
        interrupt.abort();
      }, 10);
    });
    const error: KubewrightError = await resolvePayload({ ...request, signal: interrupt.signal }).catch((e) => e);
    expect(error.code).toBe('interrupted');
    expect(error.hint).toContain('run the same command again');
    server.forget();
    await resolvePayload(request);
    expect(server.requests.map(({ path }) => path).filter((path) => !isProbe(path))).toEqual([paths.kubelet]);
    expect(server.requests.find(({ path }) => path === paths.kubelet)?.headers.range).toBe('bytes=4-');
  });

  test('whose file was damaged in the cache is mended by fetching that file alone', async () => {
    const { request, server, paths } = await fakeUpstream();
    const payload = await resolvePayload(request);
    const { path = '' } = payload.files.find(({ name }) => name === 'kubelet') ?? {};
    rmSync(path);
    writeFileSync(path, 'KUBELET 1.36.3');
    server.forget();
    await resolvePayload(request);
    expect(readFileSync(path, 'utf8')).toBe(`kubelet ${VERSION}`);
    expect(server.requests.map((each) => each.path).filter((each) => !isProbe(each))).toEqual([paths.kubelet]);
  });
});

describe('a checksum', () => {
  test('that is listed counts, and the one published beside the file is not asked for', async () => {
    const { request, server, paths } = await fakeUpstream();
    server.put(paths.kubelet, 'another kubelet');
    server.put(paths.kubeletSum, sha256('another kubelet'));
    const error: KubewrightError = await resolvePayload(request).catch((e) => e);
    expect(error.code).toBe('artifact-checksum');
    expect(error.message).toContain(sha256('another kubelet'));
    expect(error.message).toContain(sha256(`kubelet ${VERSION}`));
    expect(blobsOf(request.cacheDirectory)).not.toContain(sha256('another kubelet'));
  });

  test('that is not listed is the one published beside the file', async () => {
    const { request, server, paths, catalog } = await fakeUpstream();
    await resolvePayload({ ...request, catalog: unlisted(catalog, 'kubelet') });
    expect(server.requests.map(({ path }) => path)).toContain(paths.kubeletSum);
  });

  test('that is published wrongly is an error', async () => {
    const { request, server, paths, catalog } = await fakeUpstream();
    server.put(paths.kubeletSum, sha256('something else'));
    const error: KubewrightError = await resolvePayload({ ...request, catalog: unlisted(catalog, 'kubelet') }).catch(
      (e) => e,
    );
    expect(error.code).toBe('artifact-checksum');
    expect(error.message).toContain(sha256('something else'));
  });

  test('that is neither listed nor published is an error: nothing is taken on trust', async () => {
    const { request, catalog, server, paths } = await fakeUpstream();
    const error: KubewrightError = await resolvePayload({ ...request, catalog: unlisted(catalog, 'runc') }).catch(
      (e) => e,
    );
    expect(error.code).toBe('artifact-unverifiable');
    expect(error.message).toBe('there is no sum to verify runc 1.4.3 against');
    expect(server.requests.map(({ path }) => path)).not.toContain(paths.runc);
  });

  test('that was published differently before is an error that names both', async () => {
    const { request, server, paths, catalog } = await fakeUpstream();
    const asking = { ...request, catalog: unlisted(catalog, 'kubelet') };
    await resolvePayload(asking);
    rmSync(request.cacheDirectory, { recursive: true });
    server.put(paths.kubelet, 'another kubelet');
    server.put(paths.kubeletSum, sha256('another kubelet'));
    const error: KubewrightError = await resolvePayload(asking).catch((e) => e);
    expect(error.code).toBe('artifact-lock-mismatch');
    expect(error.message).toContain(sha256('another kubelet'));
    expect(error.message).toContain(sha256(`kubelet ${VERSION}`));
    expect(error.message).toContain(request.lockFile);
  });
});

test('an image whose tag was moved is still the locked one where the registry keeps it', async () => {
  const { request, server } = await fakeUpstream();
  const first = await resolvePayload(request);
  rmSync(request.cacheDirectory, { recursive: true });
  putImage(server, {
    prefix: '/registry',
    repository: 'pause',
    tag: '3.10.2',
    platforms: { amd64: [{ pause: 'new' }] },
  });
  const again = await resolvePayload(request);
  expect(again.images).toEqual(first.images);
});

test('what another cluster accepted for a tag does not count for one that has locked something else', async () => {
  const { request, server } = await fakeUpstream();
  await resolvePayload(request);
  const locked = readFileSync(request.lockFile, 'utf8');
  const old = JSON.parse(locked).artifacts.find(({ name }: { name: string }) => name === 'pause').digest;
  const moved = putImage(server, {
    prefix: '/registry',
    repository: 'pause',
    tag: '3.10.2',
    platforms: { amd64: [{ pause: 'new' }] },
  });
  const elsewhere = { ...request, lockFile: join(temporaryFolder(), 'artifacts.lock') };
  rmSync(request.cacheDirectory, { recursive: true });
  const pauseOf = async (asking: typeof request) =>
    (await resolvePayload(asking)).images.find(({ name }) => name === 'pause')?.digest;
  expect(await pauseOf(elsewhere)).toBe(moved['amd64']);
  expect(await pauseOf(request)).toBe(old);
  expect(readFileSync(request.lockFile, 'utf8')).toBe(locked);
});

describe('the source', () => {
  test('is a build where upstream does not answer, and that is said with the reason', async () => {
    const { request, notes } = await fakeUpstream();
    vi.stubEnv('PATH', temporaryFolder());
    onTestFinished(() => void vi.unstubAllEnvs());
    const mirrors = { ...request.mirrors, 'ghcr.io': 'http://127.0.0.1:1' };
    const error: KubewrightError = await resolvePayload({ ...request, mirrors }).catch((e) => e);
    expect(notes()[0]).toBe(
      'artifacts: upstream does not answer (127.0.0.1:1 refused the connection): building from source',
    );
    // This machine has no program at all: everything that is missing is named at once.
    expect(error.code).toBe('build-prerequisites');
    for (const missing of ['Go', 'gcc', 'libseccomp', 'zstd']) expect(error.message).toContain(missing);
    expect(error.hint).toContain('apt-get install');
  });

  test.each([
    [403, 'registry'],
    [500, 'registry'],
    [429, 'hub'],
  ])('counts as not answering with %i from one of its servers', async (status, registry) => {
    const { request, notes, server } = await fakeUpstream();
    server.always(`/${registry}/v2/`, (_, response) => response.writeHead(status).end());
    vi.stubEnv('PATH', temporaryFolder());
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(resolvePayload(request)).rejects.toMatchObject({ code: 'build-prerequisites' });
    expect(notes()[0]).toContain(`${status}`);
  });

  test('is upstream where that is asked for, and an error where it does not answer', async () => {
    const { request, notes } = await fakeUpstream();
    const mirrors = { ...request.mirrors, 'dl.k8s.io': 'http://dl.invalid' };
    const error: KubewrightError = await resolvePayload({ ...request, mirrors, source: 'upstream' }).catch((e) => e);
    expect(error.message).toMatch(/cannot resolve the host name dl\.invalid/);
    expect(error.hint).toContain('artifacts.source: build');
    expect(notes()).toEqual(['artifacts: downloading from upstream, as artifacts.source asks for']);
  });

  test('does not matter for what is cached from another one, unless it is asked for', async () => {
    const { request } = await fakeUpstream();
    await resolvePayload(request);
    vi.stubEnv('PATH', temporaryFolder());
    onTestFinished(() => void vi.unstubAllEnvs());
    expect((await resolvePayload({ ...request, source: 'upstream' })).source).toBe('cache');
    await expect(resolvePayload({ ...request, source: 'build' })).rejects.toMatchObject({
      code: 'build-prerequisites',
    });
  });
});

test('of two runs at once one downloads, and the other finds it done', async () => {
  const { request, server, paths } = await fakeUpstream();
  const [one, two] = await Promise.all([resolvePayload(request), resolvePayload(request)]);
  expect([one.source, two.source].sort()).toEqual(['cache', 'upstream']);
  expect(server.requests.filter(({ path }) => path === paths.kubelet)).toHaveLength(1);
});

function unitsOf({ request }: FakeUpstream): number {
  const folder = join(request.cacheDirectory, 'units');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')).length : 0;
}

function blobsOf(cacheDirectory: string): readonly string[] {
  return readdirSync(cacheDirectory, { recursive: true, encoding: 'utf8' }).map((path) => basename(path));
}

function isProbe(path: string): boolean {
  return path.endsWith('/kubeadm.sha256') || path.endsWith('/v2/') || path === '/github/';
}
