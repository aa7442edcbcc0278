import { createServer } from 'node:https';
import { afterAll, expect, test } from 'vitest';
import { kubeClient } from '../../src/kube/client.js';
import { certificates } from '../rig/fake-hosts/certificates.js';

const { certificate, key } = certificates();
const signal = new AbortController().signal;
let requests = 0;

/** Breaks a connection when a second request comes over it, and at once where it is asked to. */
const server = createServer({ cert: certificate, key }, (request, response) => {
  requests += 1;
  const { socket } = request;
  const isSecond = seen.has(socket);
  seen.add(socket);
  if (isSecond || request.url === '/broken') socket.destroy();
  else response.end('{"items": []}');
});
const seen = new WeakSet<object>();
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => server.close());

function client() {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return kubeClient({ server: `https://127.0.0.1:${port}`, credentials: { ca: certificate, certificate, key } });
}

test('a request goes over another connection when the kept one has been closed meanwhile', async () => {
  using api = client();
  expect(await api.get('/api/v1/nodes', signal)).toEqual({ items: [] });
  requests = 0;
  expect(await api.get('/api/v1/nodes', signal)).toEqual({ items: [] });
  expect(requests).toBe(2);
});

test('a new connection that breaks is told, and not tried again', async () => {
  using api = client();
  requests = 0;
  await expect(api.get('/broken', signal)).rejects.toMatchObject({ code: 'api-unreachable', retryable: true });
  expect(requests).toBe(1);
});
