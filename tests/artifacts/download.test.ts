import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type DownloadRequest, download } from '../../src/artifacts/upstream/download.js';
import { openHttpClient } from '../../src/artifacts/upstream/http-client.js';
import type { KubewrightError } from '../../src/core/errors.js';
import { temporaryFolder } from '../state/folder.js';
import { cannotMount, smallDisk } from '../state/small-disk.js';
import { etagOf, sendPart, sha256, type UpstreamServer, upstreamServer } from './upstream-server.js';

const PATH = '/release/v1.36.3/bin/linux/amd64/kubelet';
const CONTENT = randomBytes(300_000);

describe('a download', () => {
  test('arrives whole, and leaves nothing unfinished behind', async () => {
    const { server, folder, fetch } = await rig();
    server.put(PATH, CONTENT);
    const seen: (readonly [number, number | undefined])[] = [];
    const result = await fetch({ onBytes: (done, total) => seen.push([done, total]) });

    expect(result).toEqual({ sha256: sha256(CONTENT), size: CONTENT.length });
    expect(readFileSync(join(folder, 'kubelet')).equals(CONTENT)).toBe(true);
    expect(readdirSync(join(folder, 'partial'))).toEqual([]);
    expect(seen.at(-1)).toEqual([CONTENT.length, CONTENT.length]);
  });

  test('with a wrong checksum is removed, and the error names both sums', async () => {
    const { server, fetch, left } = await rig();
    server.put(PATH, 'not the kubelet');
    const error = await failure(fetch());

    expect(error.code).toBe('artifact-checksum');
    expect(error.message).toContain(sha256('not the kubelet'));
    expect(error.message).toContain(sha256(CONTENT));
    expect(left()).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  test('of the wrong size is refused before it is received', async () => {
    const { server, fetch, left } = await rig();
    server.put(PATH, CONTENT);
    const error = await failure(fetch({ size: 1000 }));
    expect(error.code).toBe('artifact-checksum');
    expect(error.message).toContain('300000 bytes, expected 1000');
    expect(left()).toEqual([]);
  });

  test('asks for the bytes as they are', async () => {
    const { server, fetch } = await rig();
    server.put(PATH, CONTENT);
    await fetch();
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  test('that nobody knows the sum of is taken as it comes, and its sum told', async () => {
    const { server, fetch } = await rig();
    server.put(PATH, 'anything');
    expect(await fetch({ sha256: undefined })).toEqual({ sha256: sha256('anything'), size: 8 });
  });
});

describe('a cut transfer', () => {
  test('leaves no half file, and the next try goes on where it ended', async () => {
    const { server, folder, fetch } = await rig();
    server.put(PATH, CONTENT);
    let cut = () => {};
    server.once(PATH, (request, response) => {
      cut = () => response.destroy();
      sendPart(CONTENT, 100_000, () => {})(request, response);
    });
    const error = await failure(fetch({ onBytes: () => cut() }));
    expect(error).toMatchObject({ code: 'artifact-unreachable', retryable: true });
    expect(error.message).toContain(`the connection to ${server.host} was cut`);
    expect(existsSync(join(folder, 'kubelet'))).toBe(false);

    await fetch();
    const { range, 'if-range': ifRange } = server.requests[1]?.headers ?? {};
    expect(Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1])).toBeGreaterThan(0);
    expect(ifRange).toBe(etagOf(CONTENT));
    expect(readFileSync(join(folder, 'kubelet')).equals(CONTENT)).toBe(true);
  });

  test('is gone on with by itself', async () => {
    const { server, folder, fetch } = await rig();
    server.put(PATH, CONTENT);
    server.once(
      PATH,
      sendPart(CONTENT, 100_000, (response) => response.destroy()),
    );
    server.once(PATH, (_, response) => response.writeHead(503).end());
    await fetch({ retries: 2 });
    expect(readFileSync(join(folder, 'kubelet')).equals(CONTENT)).toBe(true);
    expect(server.requests).toHaveLength(3);
  });

  test('begins anew when the file on the server is another one by now', async () => {
    const { server, folder, fetch } = await rig();
    const old = randomBytes(300_000);
    server.once(
      PATH,
      sendPart(old, 100_000, (response) => response.destroy()),
    );
    await failure(fetch());
    server.put(PATH, CONTENT);
    await fetch();
    expect(readFileSync(join(folder, 'kubelet')).equals(CONTENT)).toBe(true);
  });

  test('begins anew when the server cannot send parts', async () => {
    const { server, folder, fetch } = await rig();
    server.once(
      PATH,
      sendPart(CONTENT, 100_000, (response) => response.destroy()),
    );
    await failure(fetch());
    server.once(PATH, (_, response) => response.writeHead(200).end(CONTENT));
    await fetch();
    expect(readFileSync(join(folder, 'kubelet')).equals(CONTENT)).toBe(true);
  });

  test('begins anew when the bytes that are kept turn out to be damaged', async () => {
    const { server, folder, fetch } = await rig();
    server.put(PATH, CONTENT);
    server.once(
      PATH,
      sendPart(CONTENT, 100_000, (response) => response.destroy()),
    );
    await failure(fetch());
    const [partial] = readdirSync(join(folder, 'partial')).filter((name) => name.endsWith('.partial'));
    writeFileSync(join(folder, 'partial', partial ?? ''), randomBytes(50_000));
    await fetch();
    expect(readFileSync(join(folder, 'kubelet')).equals(CONTENT)).toBe(true);
  });

  test('begins anew when more is kept than the file has', async () => {
    const { server, folder, fetch } = await rig();
    server.put(PATH, CONTENT);
    server.once(
      PATH,
      sendPart(CONTENT, 100_000, (response) => response.destroy()),
    );
    await failure(fetch());
    const [partial] = readdirSync(join(folder, 'partial')).filter((name) => name.endsWith('.partial'));
    writeFileSync(join(folder, 'partial', partial ?? ''), randomBytes(400_000));
    await fetch();
    expect(readFileSync(join(folder, 'kubelet')).equals(CONTENT)).toBe(true);
  });

  test('is told by its length, also where the connection ends in good order', async () => {
    const { server, fetch, folder } = await rig();
    server.put(PATH, CONTENT);
    server.always(PATH, (_, response) => response.writeHead(200, { connection: 'close' }).end(CONTENT.subarray(0, 9)));
    const error = await failure(fetch({ size: CONTENT.length }));
    expect(error).toMatchObject({ code: 'artifact-unreachable', retryable: true });
    expect(error.message).toContain('ended after 9 of 300000 bytes');
    expect(existsSync(join(folder, 'kubelet'))).toBe(false);
  });
});

describe('a server that does not hand it over', () => {
  test.each([
    [404, 'artifact-not-found', 'has no', 1],
    [403, 'artifact-refused', 'refused', 1],
    [401, 'artifact-refused', 'refused', 1],
    [500, 'artifact-unreachable', 'answered 500', 3],
    [503, 'artifact-unreachable', 'answered 503', 3],
    [429, 'artifact-unreachable', 'answered 429', 3],
  ] as const)('with %i gives %s and leaves nothing', async (status, code, words, tries) => {
    const { server, fetch, left, url } = await rig();
    server.always(PATH, (_, response) => response.writeHead(status).end('<html>'));
    const error = await failure(fetch({ retries: 2 }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect(error.message).toContain(url);
    expect(error.hint).toBeDefined();
    expect(server.requests).toHaveLength(tries);
    expect(left()).toEqual([]);
  });

  test('because it stopped sending is given up, and what came is kept', async () => {
    const { server, folder, fetch } = await rig();
    server.put(PATH, CONTENT);
    server.once(
      PATH,
      sendPart(CONTENT, 100_000, () => {}),
    );
    const error = await failure(fetch({ stallMs: 400 }));
    expect(error).toMatchObject({ code: 'artifact-stalled', retryable: true });
    expect(error.message).toContain(`${server.host} sent nothing for 0.4 s`);
    expect(existsSync(join(folder, 'kubelet'))).toBe(false);
    await fetch();
    expect(server.requests[1]?.headers.range).toMatch(/^bytes=[1-9]/);
  });

  test('because it never answers is given up', async () => {
    const { server, fetch } = await rig();
    server.always(PATH, () => {});
    const error = await failure(fetch({ stallMs: 400 }));
    expect(error.code).toBe('artifact-stalled');
  });

  test('because nobody listens there is named', async () => {
    const { fetch } = await rig();
    const error = await failure(fetch({ url: 'http://127.0.0.1:1/kubelet' }));
    expect(error).toMatchObject({ code: 'artifact-unreachable', retryable: true });
    expect(error.message).toBe('127.0.0.1:1 refused the connection (http://127.0.0.1:1/kubelet)');
  });

  test('because its name is unknown is named', async () => {
    const { fetch } = await rig();
    const error = await failure(fetch({ url: 'http://mirror.invalid/kubelet' }));
    expect(error.code).toBe('artifact-unreachable');
    expect(error.message).toMatch(/cannot resolve the host name mirror\.invalid/);
  });
});

test('a redirect is followed, and a token stays with the server it was for', async () => {
  const { server, fetch } = await rig();
  const storage = await upstreamServer();
  storage.put('/blob', CONTENT);
  server.once(PATH, (_, response) => response.writeHead(307, { location: `${storage.url}/blob` }).end());
  await fetch({ headers: { authorization: 'Bearer secret' } });
  expect(server.requests[0]?.headers.authorization).toBe('Bearer secret');
  expect(storage.requests[0]?.headers.authorization).toBeUndefined();
});

test('an interruption ends it at once and keeps what came', async () => {
  const { server, fetch } = await rig();
  server.put(PATH, CONTENT);
  const interrupt = new AbortController();
  server.once(
    PATH,
    sendPart(CONTENT, 100_000, () => {}),
  );
  const error = await failure(fetch({ signal: interrupt.signal, onBytes: () => interrupt.abort() }));
  expect(error.code).toBe('interrupted');
  await fetch();
  expect(server.requests[1]?.headers.range).toMatch(/^bytes=[1-9]/);
});

test('a full disk leaves nothing half done', async (context) => {
  context.skip(cannotMount !== undefined, cannotMount);
  const { server, fetch, left } = await rig(smallDisk(200_000));
  server.put(PATH, CONTENT);
  const error = await failure(fetch());
  expect(error.code).toBe('disk-full');
  expect(error.message).toContain('no space left in');
  expect(left()).toEqual([]);
});

async function rig(folder = temporaryFolder()) {
  const server: UpstreamServer = await upstreamServer();
  const client = openHttpClient();
  onTestFinished(() => client[Symbol.asyncDispose]());
  const url = `${server.url}${PATH}`;
  const fetch = (overrides: Partial<DownloadRequest> = {}) =>
    download(client, {
      url,
      destination: join(folder, 'kubelet'),
      partialDirectory: join(folder, 'partial'),
      sha256: sha256(CONTENT),
      signal: new AbortController().signal,
      retries: 0,
      retryDelayMs: 1,
      ...overrides,
    });
  const left = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [entry.name] : [],
    );
  return { server, folder, fetch, left, url };
}

async function failure(promise: Promise<unknown>): Promise<KubewrightError> {
  return promise.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  );
}
