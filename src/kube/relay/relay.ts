import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { carry } from './carry.js';
import { type ApiServer, type Dial, dialTcp, within } from './dial.js';
import type { RelayEvent } from './events.js';
import { createRoster, type Member, type Roster } from './roster.js';
import { createWatch } from './watch.js';

/**
 * A port of this machine that is the API server, whichever servers live. TLS goes through it untouched: it sees
 * neither requests nor credentials.
 */
export interface Relay extends AsyncDisposable {
  readonly port: number;
  /** Somebody is about to connect: the servers are looked at, and the time without a connection begins anew. */
  touch(): void;
  /** Takes over a new list of servers; connections to those that are gone end. */
  update(ca: string, servers: readonly ApiServer[]): void;
  status(): RelayStatus;
}

/** How a relay is right now. */
export interface RelayStatus {
  readonly connections: number;
  readonly servers: readonly (ApiServer & {
    readonly state: 'ready' | 'failing' | 'unknown';
    /** Why it is failing. */
    readonly why?: string | undefined;
    /** New connections go there. */
    readonly preferred: boolean;
    readonly connections: number;
  })[];
}

/** What a relay is made of. Times are in milliseconds. */
export interface RelayOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** The cluster's CA, PEM. */
  readonly ca: string;
  readonly servers: readonly ApiServer[];
  /** Default: TCP. */
  readonly dial?: Dial | undefined;
  readonly onEvent: (event: RelayEvent) => void;
  /** Called when there was no connection for `idleMs`. */
  readonly onIdle?: (() => void) | undefined;
  readonly idleMs?: number | undefined;
  /** Default 1 s, so that a dead server's connections end within 3 s. */
  readonly checkEveryMs?: number | undefined;
  /** Default 750 ms; longer while no server is known to be ready. */
  readonly checkTimeoutMs?: number | undefined;
  /** Default 2 s. */
  readonly dialTimeoutMs?: number | undefined;
  /** Default 256. */
  readonly maxConnections?: number | undefined;
}

/** Listens on 127.0.0.1 until disposed of. Rejects with the operating system's error where the port cannot be had. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { dial = dialTcp, onEvent, onIdle = () => {}, idleMs, checkEveryMs = 1000, checkTimeoutMs = 750 } = options;
  let { ca } = options;
  const roster = createRoster(options.servers, checkEveryMs * 2.5);
  const watch = createWatch({ roster, dial, ca: () => ca, everyMs: checkEveryMs, timeoutMs: checkTimeoutMs, onEvent });
  const clients = new Set<Socket>();
  const connect = connector({ roster, dial, timeoutMs: options.dialTimeoutMs ?? 2000, onEvent });
  let idle: NodeJS.Timeout | undefined;
  const touch = () => {
    clearTimeout(idle);
    if (idleMs !== undefined && clients.size === 0) idle = setTimeout(onIdle, idleMs);
  };

  const serve = async (client: Socket): Promise<void> => {
    if (!roster.members.some(roster.isReady)) await watch.firstReady();
    const found = await connect(client);
    if (found === undefined) {
      client.resetAndDestroy();
      return;
    }
    const { member, upstream } = found;
    member.connections.add(upstream);
    await carry(client, upstream);
    member.connections.delete(upstream);
  };
  // Paused: what a client says before a server is found stays in the kernel's buffers.
  const listener = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true, pauseOnConnect: true });
  listener.maxConnections = options.maxConnections ?? 256;
  let wasFull = false;
  listener.on('drop', () => {
    if (!wasFull) onEvent({ kind: 'full', connections: clients.size });
    wasFull = true;
  });
  listener.on('connection', (client) => {
    clients.add(client);
    clearTimeout(idle);
    watch.start();
    client.on('error', () => {});
    client.once('close', () => {
      clients.delete(client);
      wasFull = false;
      if (clients.size > 0) return;
      watch.stop();
      touch();
    });
    serve(client).catch(() => client.destroy());
  });
  const port = await listen(listener, options.port);
  touch();

  return {
    port,
    touch() {
      touch();
      if (clients.size === 0) watch.look();
    },
    update(newCa, servers) {
      ca = newCa;
      const gone = roster.update(servers);
      onEvent({ kind: 'servers', servers });
      for (const { connections } of gone) for (const connection of [...connections]) connection.destroy();
    },
    status: () => ({ connections: clients.size, servers: roster.members.map((member) => statusOf(member, roster)) }),
    async [Symbol.asyncDispose]() {
      clearTimeout(idle);
      watch.stop();
      const closed = new Promise((resolve) => listener.close(resolve));
      for (const client of clients) client.destroy();
      for (const { connections } of roster.members) for (const connection of [...connections]) connection.destroy();
      await closed;
    },
  };
}

interface ConnectorOptions {
  readonly roster: Roster;
  readonly dial: Dial;
  readonly timeoutMs: number;
  readonly onEvent: (event: RelayEvent) => void;
}

/** Makes the function that finds a server for a client: the best one first, and at once the next where that one fails. */
function connector({ roster, dial, timeoutMs, onEvent }: ConnectorOptions) {
  let wasInVain = false;
  return async (client: Socket): Promise<{ member: Member; upstream: Duplex } | undefined> => {
    const reasons: string[] = [];
    for (const member of roster.order()) {
      const { server } = member;
      try {
        const upstream = await within(timeoutMs, (signal) => dial(server, signal));
        upstream.on('error', () => {});
        if (client.destroyed || !roster.members.includes(member)) {
          upstream.destroy();
          if (client.destroyed) return undefined;
          continue;
        }
        wasInVain = false;
        if (roster.prefer(member)) onEvent({ kind: 'using', server });
        return { member, upstream };
      } catch (error) {
        // Several connections that fail at the same moment are one observation.
        member.failures = Math.max(member.failures, 1);
        member.why = error instanceof Error ? error.message : String(error);
        reasons.push(`${server.name}: ${member.why}`);
      }
    }
    if (!wasInVain) onEvent({ kind: 'none', why: reasons.join('; ') || 'the list of servers is empty' });
    wasInVain = true;
    return undefined;
  };
}

function statusOf(member: Member, roster: Roster): RelayStatus['servers'][number] {
  const state = member.failures > 0 ? 'failing' : member.readyAt > 0 ? 'ready' : 'unknown';
  return {
    ...member.server,
    state,
    why: state === 'failing' ? member.why : undefined,
    preferred: member === roster.preferred,
    connections: member.connections.size,
  };
}

function listen(listener: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ host: '127.0.0.1', port }, () => {
      const address = listener.address();
      listener.off('error', reject);
      // Accepting may fail where the process has no file descriptors left; the next connection may work again.
      listener.on('error', () => {});
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
