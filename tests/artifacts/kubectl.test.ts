import { readFileSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { resolveKubectl } from '../../src/artifacts/kubectl.js';
import { resolvePayload } from '../../src/artifacts/resolve.js';
import type { KubewrightError } from '../../src/core/errors.js';
import { temporaryFolder } from '../state/folder.js';
import { fakeUpstream, VERSION } from './fake-upstream.js';
import { sha256 } from './upstream-server.js';

const DARWIN = `/dl/release/v${VERSION}/bin/darwin/arm64/kubectl`;

test('the kubectl of a cached payload is used, without a request', async () => {
  const { request, server } = await fakeUpstream();
  await resolvePayload(request);
  server.forget();
  const path = await resolveKubectl({ ...request, platform: 'linux', arch: 'x64' });
  expect(basename(path)).toBe('kubectl');
  expect(readFileSync(path, 'utf8')).toBe(`kubectl ${VERSION}`);
  expect(server.requests).toEqual([]);
});

test('without a payload, kubectl alone is fetched, and found the next time', async () => {
  const { request, server, paths } = await fakeUpstream();
  const asking = { ...request, platform: 'linux', arch: 'x64' };
  const path = await resolveKubectl(asking);
  expect(readFileSync(path, 'utf8')).toBe(`kubectl ${VERSION}`);
  expect(server.requests.map((each) => each.path)).not.toContain(paths.kubelet);
  server.forget();
  expect(await resolveKubectl(asking)).toBe(path);
  expect(server.requests).toEqual([]);
});

test('macOS gets its own, by the sum published beside it', async () => {
  const { request, server } = await fakeUpstream();
  server.put(DARWIN, 'kubectl for macOS');
  server.put(`${DARWIN}.sha256`, sha256('kubectl for macOS'));
  const path = await resolveKubectl({ ...request, platform: 'darwin', arch: 'arm64' });
  expect(readFileSync(path, 'utf8')).toBe('kubectl for macOS');
  const { artifacts } = JSON.parse(readFileSync(request.lockFile, 'utf8'));
  expect(artifacts).toEqual([expect.objectContaining({ name: 'kubectl-darwin', arch: 'arm64' })]);
});

test('a published sum that changed is an error that names both', async () => {
  const { request, server } = await fakeUpstream();
  server.put(DARWIN, 'kubectl for macOS');
  server.put(`${DARWIN}.sha256`, sha256('kubectl for macOS'));
  const asking = { ...request, platform: 'darwin', arch: 'arm64' };
  await resolveKubectl(asking);
  rmSync(request.cacheDirectory, { recursive: true });
  server.put(DARWIN, 'another');
  server.put(`${DARWIN}.sha256`, sha256('another'));
  const error: KubewrightError = await resolveKubectl(asking).catch((reason) => reason);
  expect(error.code).toBe('artifact-lock-mismatch');
  expect(error.message).toContain(sha256('another'));
  expect(error.message).toContain(sha256('kubectl for macOS'));
});

test('is built where upstream does not answer, and without Go that is said', async () => {
  const { request, notes } = await fakeUpstream();
  vi.stubEnv('PATH', temporaryFolder());
  onTestFinished(() => void vi.unstubAllEnvs());
  const mirrors = { ...request.mirrors, 'dl.k8s.io': 'http://127.0.0.1:1' };
  const asking = { ...request, mirrors, platform: 'linux', arch: 'x64' };
  await expect(resolveKubectl(asking)).rejects.toMatchObject({ code: 'build-prerequisites' });
  expect(notes()[0]).toContain('building from source');
});

test.each([
  ['win32', 'x64'],
  ['linux', 'riscv64'],
])('%s on %s is said to have none', async (platform, arch) => {
  const { request } = await fakeUpstream();
  await expect(resolveKubectl({ ...request, platform, arch })).rejects.toMatchObject({
    code: 'artifact-not-found',
    message: `there is no kubectl for ${platform} on ${arch}`,
  });
});
