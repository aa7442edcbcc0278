import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { fetchText } from '../../src/artifacts/upstream/fetch-text.js';
import { openHttpClient } from '../../src/artifacts/upstream/http-client.js';
import type { KubewrightError } from '../../src/core/errors.js';
import { upstreamServer } from './upstream-server.js';

beforeEach(() => {
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']) {
    vi.stubEnv(name, undefined);
  }
  onTestFinished(() => void vi.unstubAllEnvs());
});

test('downloads go through the proxy that HTTP_PROXY names', async () => {
  const proxy = await plainProxy();
  const server = await upstreamServer();
  server.put('/sum', 'content');
  vi.stubEnv('HTTP_PROXY', proxy.url);
  expect(await get(`${server.url}/sum`)).toBe('content');
  expect(proxy.seen).toEqual([`GET ${server.url}/sum`]);
});

test('hosts in NO_PROXY are reached directly', async () => {
  const proxy = await plainProxy();
  const server = await upstreamServer();
  server.put('/sum', 'content');
  vi.stubEnv('HTTP_PROXY', proxy.url);
  vi.stubEnv('NO_PROXY', '127.0.0.1');
  expect(await get(`${server.url}/sum`)).toBe('content');
  expect(proxy.seen).toEqual([]);
});

test('https goes through a tunnel, and a proxy that refuses one is named as the reason', async () => {
  const proxy = await plainProxy();
  vi.stubEnv('HTTPS_PROXY', proxy.url);
  const error: KubewrightError = await get('https://dl.k8s.io/release/stable.txt').catch((reason) => reason);
  expect(proxy.seen).toEqual(['CONNECT dl.k8s.io:443']);
  expect(error.code).toBe('artifact-refused');
  expect(error.message).toContain('the proxy refused the way to dl.k8s.io with 403');
  expect(error.hint).toContain('HTTPS_PROXY');
});

test('a proxy that is not there is told from a server that is not there', async () => {
  vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1');
  const error: KubewrightError = await get('https://dl.k8s.io/release/stable.txt').catch((reason) => reason);
  expect(error.code).toBe('artifact-unreachable');
  expect(error.message).toContain('refused the connection');
  expect(error.hint).toContain('HTTPS_PROXY');
});

async function get(url: string): Promise<string> {
  await using client = openHttpClient();
  return await fetchText(client, url, { signal: AbortSignal.timeout(10_000), maxBytes: 1000, retryDelayMs: 1 });
}

/** A proxy that passes plain requests on and refuses tunnels. */
async function plainProxy(): Promise<{ url: string; seen: readonly string[] }> {
  const seen: string[] = [];
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    httpRequest(request.url ?? '', { headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    }).end();
  });
  proxy.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, seen };
}
