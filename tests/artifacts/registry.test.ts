import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeSegments } from '../../src/artifacts/oci/segment.js';
import { openHttpClient } from '../../src/artifacts/upstream/http-client.js';
import { type PullRequest, pullImage } from '../../src/artifacts/upstream/pull-image.js';
import { parseRef } from '../../src/artifacts/upstream/registry.js';
import type { KubewrightError } from '../../src/core/errors.js';
import { temporaryFolder } from '../state/folder.js';
import { putImage } from './registry-content.js';
import { type Answer, sha256, type UpstreamServer, upstreamServer } from './upstream-server.js';

const REF = 'registry.k8s.io/coredns/coredns:v1.14.2';
const BASE = '/v2/coredns/coredns';
const signal = new AbortController().signal;

describe('pulling an image', () => {
  test('gives an archive with the manifest, config and layers of the wanted architecture', async () => {
    const { server, pull, unpacked } = await rig();
    const digests = putCoredns(server);
    const { digest, archive } = await pull({ arch: 'arm64' });
    expect(digest).toBe(digests['arm64']);

    const folder = await unpacked(archive);
    const read = (path: string) => readFileSync(join(folder, path), 'utf8');
    expect(JSON.parse(read('oci-layout'))).toEqual({ imageLayoutVersion: '1.0.0' });
    const [descriptor] = JSON.parse(read('index.json')).manifests;
    expect(descriptor).toMatchObject({
      digest,
      platform: { os: 'linux', architecture: 'arm64' },
      annotations: { 'io.containerd.image.name': REF },
    });
    const manifest = JSON.parse(read(blobPath(digest)));
    expect(manifest.layers).toHaveLength(2);
    for (const blob of [manifest.config, ...manifest.layers]) {
      expect(`sha256:${sha256(readFileSync(join(folder, blobPath(blob.digest))))}`).toBe(blob.digest);
    }
  });

  test('fetches a token where the registry wants one, and shows it with every request', async () => {
    const { server, pull } = await rig();
    putCoredns(server);
    const guarded = server.guard('token-1');
    const { digest } = await pull();
    expect(digest).toMatch(/^sha256:/);
    expect(guarded.tokenRequests).toEqual(['/token?scope=repository%3Acoredns%2Fcoredns%3Apull&service=registry.test']);
    const later = server.requests.slice(2);
    expect(later.length).toBeGreaterThan(3);
    for (const { headers } of later) expect(headers.authorization).toBe('Bearer token-1');
  });

  test("works with Docker Hub's names, whose mirror is named after the images", async () => {
    const { server, pull } = await rig();
    const digests = putImage(server, {
      repository: 'library/haproxy',
      tag: '3.2.21-alpine',
      platforms: { amd64: [{ 'usr/local/sbin/haproxy': 'haproxy' }] },
    });
    const challenge = `Bearer realm="${server.url}/token",service="registry.docker.io",scope="repository:library/haproxy:pull"`;
    server.once('/v2/library/haproxy/manifests/3.2.21-alpine', (_, response) =>
      response.writeHead(401, { 'www-authenticate': challenge }).end(),
    );
    const path = '/token?scope=repository%3Alibrary%2Fhaproxy%3Apull&service=registry.docker.io';
    server.put(path, JSON.stringify({ token: 'hub', access_token: 'hub' }));
    const mirrors = { 'docker.io': server.url };
    const { digest } = await pull({ ref: 'docker.io/library/haproxy:3.2.21-alpine', mirrors });
    expect(digest).toBe(digests['amd64']);
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer hub');
  });

  test('asks for the digest and not for the tag where one is insisted on', async () => {
    const { server, pull } = await rig();
    const digests = putCoredns(server);
    server.put(`${BASE}/manifests/v1.14.2`, 'something else');
    const { digest } = await pull({ digest: digests['amd64'] });
    expect(digest).toBe(digests['amd64']);
  });

  test('names both digests when the registry no longer has the one insisted on', async () => {
    const { server, pull } = await rig();
    const digests = putCoredns(server);
    const gone = `sha256:${sha256('gone')}`;
    const error = await failure(pull({ digest: gone }));
    expect(error.code).toBe('artifact-lock-mismatch');
    expect(error.message).toContain(gone);
    expect(error.message).toContain(digests['amd64'] ?? 'no digest');
  });
});

describe('a registry that cannot be trusted or understood', () => {
  test('because a layer has other bytes gives an error with both sums', async () => {
    const { server, pull } = await rig();
    putCoredns(server);
    const layer = server.paths().find((path) => path.includes('/blobs/')) ?? '';
    const size = server.sizeOf(layer);
    server.put(layer, 'x'.repeat(size));
    const error = await failure(pull());
    expect(error.code).toBe('artifact-checksum');
    expect(error.message).toContain(sha256('x'.repeat(size)));
    expect(error.message).toContain(layer.slice(layer.lastIndexOf(':') + 1));
  });

  test('because a manifest has other bytes gives an error with both digests', async () => {
    const { server, pull } = await rig();
    const { amd64 = '' } = putCoredns(server);
    server.put(`${BASE}/manifests/${amd64}`, '{}');
    const error = await failure(pull());
    expect(error.code).toBe('artifact-checksum');
    expect(error.message).toContain(amd64);
    expect(error.message).toContain(sha256('{}'));
  });

  test.each([
    ['a page', '<html>Please log in</html>', 'it is no JSON'],
    ['something else', '{"schemaVersion": 1}', 'no config and layers'],
    ['a manifest with odd fields', '{"config": 7}', 'config'],
  ])('because it answers with %s', async (_, text, why) => {
    const { server, pull } = await rig();
    server.put(`${BASE}/manifests/v1.14.2`, text);
    const error = await failure(pull());
    expect(error.code).toBe('artifact-invalid');
    expect(error.message).toContain(REF);
    expect(error.message).toContain(why);
  });

  test('because it wants a login', async () => {
    const { server, pull } = await rig();
    const challenge: Answer = (_, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="company"' }).end();
    server.always(`${BASE}/manifests/v1.14.2`, challenge);
    const error = await failure(pull());
    expect(error.code).toBe('artifact-refused');
    expect(error.message).toContain('wants a login: Basic realm="company"');
  });

  test('because it has no such image, or none for the architecture', async () => {
    const { server, pull } = await rig();
    expect((await failure(pull())).code).toBe('artifact-not-found');
    putImage(server, { repository: 'coredns/coredns', tag: 'v1.14.2', platforms: { arm64: [{ coredns: 'x' }] } });
    const error = await failure(pull());
    expect(error).toMatchObject({ code: 'artifact-not-found', message: `${REF} has no image for linux on amd64` });
  });
});

test.each(['pause:3.10.2', 'registry.k8s.io/pause', 'registry.k8s.io/pause:', ':v1'])('"%s" is no full name', (ref) => {
  expect(() => parseRef(ref)).toThrow('is no image name');
});

async function rig() {
  const { server, guard } = guardable(await upstreamServer());
  const folder = temporaryFolder();
  const client = openHttpClient();
  onTestFinished(() => client[Symbol.asyncDispose]());
  const pull = (overrides: Partial<PullRequest> = {}) =>
    pullImage(client, {
      ref: REF,
      arch: 'amd64',
      mirrors: { 'registry.k8s.io': server.url },
      directory: join(folder, 'blobs'),
      partialDirectory: join(folder, 'partial'),
      signal,
      onBytes: () => {},
      ...overrides,
    });
  const unpacked = async (archive: Awaited<ReturnType<typeof pull>>['archive']) => {
    const path = join(folder, 'image.tar');
    await writeSegments(archive, path, signal);
    const out = temporaryFolder();
    execFileSync('tar', ['-xf', path, '-C', out]);
    return out;
  };
  return { server: { ...server, guard }, pull, unpacked };
}

/** Lets a server insist on a token, as registries do. */
function guardable(plain: UpstreamServer) {
  const known = new Map<string, number>();
  const put: UpstreamServer['put'] = (path, content, headers) => {
    known.set(path, Buffer.byteLength(content));
    plain.put(path, content, headers);
  };
  const server = { ...plain, put, paths: () => [...known.keys()], sizeOf: (path: string) => known.get(path) ?? 0 };
  const guard = (token: string) => {
    const tokenRequests: string[] = [];
    const first = `${BASE}/manifests/v1.14.2`;
    const challenge = `Bearer realm="${plain.url}/token",service="registry.test",scope="repository:coredns/coredns:pull"`;
    plain.once(first, (_, response) => response.writeHead(401, { 'www-authenticate': challenge }).end());
    const path = '/token?scope=repository%3Acoredns%2Fcoredns%3Apull&service=registry.test';
    plain.always(path, (request, response) => {
      tokenRequests.push(request.url ?? '');
      response.end(JSON.stringify({ token }));
    });
    return { tokenRequests };
  };
  return { server, guard };
}

function putCoredns(server: UpstreamServer): Record<string, string> {
  return putImage(server, {
    repository: 'coredns/coredns',
    tag: 'v1.14.2',
    platforms: {
      amd64: [{ 'etc/base': 'base' }, { coredns: 'for amd64' }],
      arm64: [{ 'etc/base': 'base' }, { coredns: 'for arm64' }],
    },
  });
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

async function failure(promise: Promise<unknown>): Promise<KubewrightError> {
  return promise.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  );
}
