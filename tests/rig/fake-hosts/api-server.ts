import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { certificates } from './certificates.js';
import type { FakeCluster, FakeNode } from './cluster.js';
import { APPS } from './kubeadm.js';
import type { FakeMachine } from './machine.js';

/** The port on loopback where a machine's API server answers, while one runs there. */
export interface ApiServer extends AsyncDisposable {
  readonly port: number;
}

/** Listens for one machine. As long as no API server runs on it, connections are reset. */
export async function startApiServer(machine: FakeMachine): Promise<ApiServer> {
  const { certificate, key } = certificates();
  const sockets = new Set<Socket>();
  const server: Server = createServer(
    { cert: certificate, key, ca: certificate, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      const cluster = machine.etcdCluster;
      if (!machine.servesApi || cluster === undefined) return void request.socket.destroy();
      void answer(cluster, request, response);
    },
  );
  server.on('tlsClientError', () => {});
  server.on('connection', (socket: Socket) => {
    if (!machine.servesApi) return void socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(cluster: FakeCluster, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const { method = 'GET', url = '/' } = request;
  const reply = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (url === '/version') return reply(200, { gitVersion: 'v1.36.3' });
  if (!cluster.quorate) return reply(500, { message: 'etcdserver: request timed out' });
  if (method !== 'GET') cluster.writes.push(`${method} ${url}`);
  const body: Fields = text === '' ? {} : JSON.parse(text);
  const [, nodeName] = /^\/api\/v1\/nodes\/([^/]+)$/.exec(url) ?? [];
  if (url === '/api/v1/nodes')
    return reply(200, { items: [...cluster.nodes.values()].map((it) => shown(cluster, it)) });
  if (nodeName !== undefined) {
    const node = cluster.nodes.get(nodeName);
    if (node === undefined) return reply(404, { message: `nodes "${nodeName}" not found` });
    if (method === 'DELETE') cluster.nodes.delete(nodeName);
    if (method === 'PATCH') node.object = merged(node.object, body) as FakeNode['object'];
    return reply(200, shown(cluster, node));
  }
  if (method === 'POST' && url.endsWith('/secrets')) {
    const { 'token-id': id, 'token-secret': secret } = body['stringData'] as Record<string, string>;
    cluster.tokens.add(`${id}.${secret}`);
    return reply(201, {});
  }
  const object = cluster.objects.get(url);
  if (object === undefined) return reply(404, { message: `${url} not found` });
  if (method === 'PATCH') cluster.objects.set(url, merged(object, body));
  reply(200, { ...cluster.objects.get(url), ...statusOf(cluster, url) });
}

/** What the controllers would have written into the status of a workload by now. */
function statusOf(cluster: FakeCluster, url: string): object {
  if (!url.startsWith(APPS)) return {};
  const ready = cluster.nodesWithPods;
  return url.includes('/daemonsets/')
    ? { status: { desiredNumberScheduled: cluster.nodes.size, numberReady: ready } }
    : { status: { readyReplicas: ready > 0 ? 2 : 0 } };
}

function shown(cluster: FakeCluster, node: FakeNode): object {
  const status = cluster.isReady(node) ? 'True' : 'False';
  return { ...node.object, status: { conditions: [{ type: 'Ready', status }] } };
}

type Fields = Readonly<Record<string, unknown>>;

/** A merge patch: lists are replaced, null takes away. */
function merged(object: object, patch: object): object {
  const result: Record<string, unknown> = { ...object };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (isFields(value) && isFields(result[key])) result[key] = merged(result[key], value);
    else result[key] = value;
  }
  return result;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
