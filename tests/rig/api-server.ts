import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { ApiServer } from '../../src/kube/relay/dial.js';
import type { Pki } from './pki.js';

/**
 * How an API server behaves: `hangs` takes connections and never says a word, `fails` answers everything with 500,
 * `refuses` lets nobody in, not even to /readyz.
 */
export type Behaviour = 'works' | 'hangs' | 'fails' | 'refuses';

/** A server with an API server's certificate that answers a few of its paths; who asks must have the admin's certificate, but for /readyz. */
export interface FakeApiServer extends AsyncDisposable {
  readonly server: ApiServer;
  /** How many connections are open. */
  readonly connections: number;
  readonly requests: readonly string[];
  behave(as: Behaviour): void;
  /** Gone at once, as after a power cut whose machine's address answers again: connections are reset, new ones refused. */
  kill(): Promise<void>;
  /** Listens on its old port again. */
  revive(): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1. */
export async function startApiServer(name: string, pki: Pki): Promise<FakeApiServer> {
  let behaviour: Behaviour = 'works';
  let port = 0;
  const open = new Set<Socket>();
  const requests: string[] = [];
  const start = async () => {
    const { certificate: cert, key } = pki.server;
    const listener = createServer(
      { cert, key, ca: pki.ca, requestCert: true, rejectUnauthorized: false },
      (...both) => {
        requests.push(both[0].url ?? '');
        answer(name, behaviour, ...both);
      },
    );
    listener.keepAliveTimeout = 60_000;
    // A server that hangs does not even shake hands: its process is suspended, its kernel accepts.
    listener.prependListener('connection', (socket: Socket) => {
      open.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => open.delete(socket));
      if (behaviour === 'hangs') socket.pause();
    });
    await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
    port = (listener.address() as AddressInfo).port;
    return listener;
  };
  let listener: Awaited<ReturnType<typeof start>> | undefined = await start();
  const kill = async () => {
    const closed = new Promise((resolve) => listener?.close(resolve));
    for (const socket of open) socket.resetAndDestroy();
    if (listener !== undefined) await closed;
    listener = undefined;
  };
  return {
    server: { name, host: '127.0.0.1', port },
    get connections() {
      return open.size;
    },
    requests,
    behave(as) {
      behaviour = as;
    },
    kill,
    async revive() {
      listener = await start();
    },
    [Symbol.asyncDispose]: kill,
  };
}

function answer(name: string, behaviour: Behaviour, request: IncomingMessage, response: ServerResponse): void {
  if (behaviour === 'hangs') return;
  const isAdmin = (request.socket as Socket & { authorized?: boolean }).authorized === true;
  const isLetIn = behaviour !== 'refuses' && (request.url === '/readyz' || isAdmin);
  const status = behaviour === 'fails' ? 500 : isLetIn ? 200 : 401;
  response.writeHead(status, { 'content-type': 'application/json', 'x-served-by': name });
  const major = '1';
  response.end(JSON.stringify({ major, minor: '36', gitVersion: 'v1.36.3', servedBy: name }));
}
