import { connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type KubeClient, kubeClient } from '../../../src/kube/client.js';
import type { RelayEvent } from '../../../src/kube/relay/events.js';
import { type Relay, type RelayOptions, startRelay } from '../../../src/kube/relay/relay.js';
import { type FakeApiServer, startApiServer } from '../../rig/api-server.js';
import { makePki, type Pki } from '../../rig/pki.js';

let pki: Pki;
beforeAll(() => {
  pki = makePki();
});

/** Three API servers behind a relay, and what the relay said. */
async function threeServers(options: Partial<RelayOptions> = {}) {
  const servers = await Promise.all(['a', 'b', 'c'].map((name) => startApiServer(name, pki)));
  for (const server of servers) onTestFinished(() => server[Symbol.asyncDispose]());
  const events: RelayEvent[] = [];
  const relay = await relayTo(
    servers.map(({ server }) => server),
    { ...options, onEvent: (event) => events.push(event) },
  );
  return { servers, relay, events };
}

async function relayTo(servers: RelayOptions['servers'], options: Partial<RelayOptions> = {}): Promise<Relay> {
  const relay = await startRelay({ port: 0, ca: pki.ca, servers, onEvent: () => {}, ...options });
  onTestFinished(() => relay[Symbol.asyncDispose]());
  return relay;
}

/** As kubectl: the relay's port, the name of the API server, one connection that is kept. */
function clientOf(relay: Relay): KubeClient {
  const client = kubeClient({
    server: `https://127.0.0.1:${relay.port}`,
    serverName: 'kubernetes',
    credentials: { ca: pki.ca, ...pki.admin },
    timeoutMs: 8000,
  });
  onTestFinished(() => client[Symbol.dispose]());
  return client;
}

async function servedBy(client: KubeClient): Promise<string | undefined> {
  return (await client.get<{ servedBy: string }>('/version', new AbortController().signal))?.servedBy;
}

/** The server that connections go to. */
function used(relay: Relay, servers: readonly FakeApiServer[]): FakeApiServer {
  const name = relay.status().servers.find(({ preferred }) => preferred)?.name;
  const found = servers.find(({ server }) => server.name === name);
  if (found === undefined) throw new Error('no server is used');
  return found;
}

/** A TLS connection through the relay that says nothing. */
async function openTls(relay: Relay): Promise<{ readonly ended: Promise<number> }> {
  const socket = connectTls({ host: '127.0.0.1', port: relay.port, servername: 'kubernetes', ca: pki.ca });
  onTestFinished(() => void socket.destroy());
  const ended = new Promise<number>((resolve) => {
    socket.on('error', () => {});
    socket.once('close', () => resolve(performance.now()));
  });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  socket.resume();
  return { ended };
}

describe('a connection goes to', () => {
  test('the next server, with the client none the wiser, when one refuses', async () => {
    const { servers, relay } = await threeServers();
    await servers[0]?.kill();
    await servers[1]?.kill();
    expect(await servedBy(clientOf(relay))).toBe('c');
  });

  test('a server that is ready from the first moment on when others hang or answer 500', async () => {
    const { servers, relay } = await threeServers();
    servers[0]?.behave('hangs');
    servers[1]?.behave('fails');
    expect(await servedBy(clientOf(relay))).toBe('c');
  });

  test('a server that answers 401 to everybody: it is there', async () => {
    const { servers, relay } = await threeServers();
    for (const server of servers) server.behave('fails');
    servers[1]?.behave('refuses');
    await openTls(relay);
    await vi.waitFor(() => expect(relay.status().servers[1]).toMatchObject({ state: 'ready', preferred: true }));
  });

  test('a server of this cluster only: one with the certificate of another is not ready', async () => {
    const stranger = await startApiServer('stranger', makePki());
    const ours = await startApiServer('ours', pki);
    onTestFinished(async () => {
      await stranger.kill();
      await ours.kill();
    });
    const relay = await relayTo([stranger.server, ours.server]);
    expect(await servedBy(clientOf(relay))).toBe('ours');
    await vi.waitFor(() => expect(relay.status().servers[0]).toMatchObject({ state: 'failing' }));
  });

  test('the one that was last good, and stays there when another comes back', async () => {
    const { servers, relay } = await threeServers({ checkEveryMs: 50 });
    await openTls(relay);
    const first = used(relay, servers);
    await first.kill();
    await servedBy(clientOf(relay));
    const second = used(relay, servers);
    expect(second).not.toBe(first);
    await first.revive();
    const back = () => relay.status().servers.find(({ name }) => name === first.server.name)?.state === 'ready';
    await vi.waitFor(() => expect(back()).toBe(true));
    await servedBy(clientOf(relay));
    expect(used(relay, servers)).toBe(second);
  });

  test('nothing when no server is there: it is ended, which is said once and not for each try', async () => {
    const { servers, relay, events } = await threeServers();
    for (const server of servers) await server.kill();
    await expect(servedBy(clientOf(relay))).rejects.toThrow('could not be reached');
    await expect(servedBy(clientOf(relay))).rejects.toThrow('could not be reached');
    expect(events.filter(({ kind }) => kind === 'none')).toHaveLength(1);
    await servers[2]?.revive();
    expect(await servedBy(clientOf(relay))).toBe('c');
  });
});

describe('a server that no longer', () => {
  test.each(['hangs', 'fails'] as const)('answers (it %s) has its connections ended within 3 s', async (behaviour) => {
    const { servers, relay, events } = await threeServers();
    const { ended } = await openTls(relay);
    const server = used(relay, servers);
    const began = performance.now();
    server.behave(behaviour);
    expect((await ended) - began).toBeLessThan(3000);
    expect(events.map(({ kind }) => kind)).toEqual(['using', 'failing', 'cut']);
    expect(await servedBy(clientOf(relay))).not.toBe(server.server.name);
  });

  test('answers while no other does keeps its connections: there is nowhere to go', async () => {
    const { servers, relay, events } = await threeServers({ checkEveryMs: 50, checkTimeoutMs: 40 });
    let isOpen = true;
    const { ended } = await openTls(relay);
    ended.then(
      () => {
        isOpen = false;
      },
      () => {},
    );
    for (const server of servers) server.behave('fails');
    await vi.waitFor(() => expect(events.filter(({ kind }) => kind === 'failing')).toHaveLength(3));
    expect(isOpen).toBe(true);
    for (const server of servers) server.behave('works');
    await vi.waitFor(() => expect(events.filter(({ kind }) => kind === 'ready')).toHaveLength(3));
    expect({ isOpen, cut: events.some(({ kind }) => kind === 'cut') }).toEqual({ isOpen: true, cut: false });
  });

  test('is on the list has its connections ended, and a new one is used without a restart', async () => {
    const { servers, relay } = await threeServers();
    const { ended } = await openTls(relay);
    const gone = used(relay, servers);
    relay.update(
      pki.ca,
      servers.filter((each) => each !== gone).map(({ server }) => server),
    );
    await ended;
    expect(relay.status().servers.map(({ name }) => name)).not.toContain(gone.server.name);
    expect(await servedBy(clientOf(relay))).not.toBe(gone.server.name);
  });
});

test('requests in a row fail for less than 5 s after one of three servers was killed between them', async () => {
  const { servers, relay } = await threeServers();
  const client = clientOf(relay);
  const failures: number[] = [];
  const ask = () => servedBy(client).catch(() => void failures.push(performance.now()));
  for (let request = 0; request < 10; request += 1) await ask();
  expect(failures).toEqual([]);
  const killed = performance.now();
  await used(relay, servers).kill();
  while (performance.now() < killed + 5000) await ask();
  for (let request = 0; request < 10; request += 1) await ask();
  expect(Math.max(killed, ...failures) - killed).toBeLessThan(5000);
});

describe('bytes', () => {
  /** A relay to a plain TCP server: what goes through it need not be TLS. */
  async function plain(serve: (socket: Socket) => void) {
    const listener = createServer({ allowHalfOpen: true }, serve);
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void listener.close());
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const relay = await relayTo([{ name: 'a', host: '127.0.0.1', port }], { checkTimeoutMs: 20 });
    const client = connect({ host: '127.0.0.1', port: relay.port, allowHalfOpen: true });
    onTestFinished(() => void client.destroy());
    return { relay, client };
  }

  test('still come back after a client has said its last', async () => {
    const { client } = await plain((socket) => {
      let said = '';
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8');
      });
      socket.on('end', () => socket.end(`you said ${said}`));
    });
    client.end('enough');
    expect(await text(client)).toBe('you said enough');
  });

  test('wait at their source when the other side does not take them', async () => {
    let sent = 0;
    const { client } = await plain((socket) => {
      socket.on('error', () => {});
      const chunk = Buffer.alloc(64 * 1024);
      const more = () => {
        while (!socket.destroyed && sent < 512 * 1024 * 1024) {
          sent += chunk.length;
          if (!socket.write(chunk)) return;
        }
      };
      socket.on('drain', more);
      more();
    });
    client.pause();
    let before = -1;
    // Until nothing moves any more: kernels take some megabytes.
    await vi.waitFor(
      () => {
        const now = sent;
        const isStill = now === before && now > 0;
        before = now;
        expect(isStill).toBe(true);
      },
      { interval: 300, timeout: 10_000 },
    );
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('a relay', () => {
  test('takes so many connections and no more', async () => {
    const { relay, events } = await threeServers({ maxConnections: 2 });
    await openTls(relay);
    await openTls(relay);
    const third = connect({ host: '127.0.0.1', port: relay.port });
    third.on('error', () => {});
    await new Promise((resolve) => third.once('close', resolve));
    expect(relay.status().connections).toBe(2);
    expect(events.filter(({ kind }) => kind === 'full')).toHaveLength(1);
  });

  test('says so when nobody used it for a while', async () => {
    const onIdle = vi.fn();
    await threeServers({ idleMs: 60, onIdle });
    await vi.waitFor(() => expect(onIdle).toHaveBeenCalledOnce());
  });

  test('is not idle while a connection is open, or when somebody is about to connect', async () => {
    const long = vi.fn();
    const other = await threeServers({ idleMs: 300, onIdle: long });
    const onIdle = vi.fn();
    const { relay } = await threeServers({ idleMs: 60, onIdle });
    await openTls(relay);
    await vi.waitFor(() => expect(long).toHaveBeenCalledOnce());
    expect(onIdle).not.toHaveBeenCalled();
    other.relay.touch();
    await vi.waitFor(() => expect(long).toHaveBeenCalledTimes(2));
  });

  test('leaves no socket open when it ends', async () => {
    const { servers, relay } = await threeServers();
    const opened = await Promise.all([openTls(relay), openTls(relay)]);
    await relay[Symbol.asyncDispose]();
    await Promise.all(opened.map(({ ended }) => ended));
    await vi.waitFor(() => expect(servers.map(({ connections }) => connections)).toEqual([0, 0, 0]));
  });

  test('asks no server anything while nobody is connected', async () => {
    const onIdle = vi.fn();
    const { servers, relay } = await threeServers({ checkEveryMs: 30, idleMs: 300, onIdle });
    const client = clientOf(relay);
    await servedBy(client);
    client[Symbol.dispose]();
    await vi.waitFor(() => expect(relay.status().connections).toBe(0));
    await vi.waitFor(() => expect(servers.map(({ connections }) => connections)).toEqual([0, 0, 0]));
    const asked = () => servers.reduce((sum, { requests }) => sum + requests.length, 0);
    const before = asked();
    await vi.waitFor(() => expect(onIdle).toHaveBeenCalledOnce());
    expect(asked()).toBe(before);
  });
});
