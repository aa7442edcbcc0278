import { unwatchFile, watchFile } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../../state/file-error.js';
import type { Dial } from '../relay/dial.js';
import type { RelayEvent } from '../relay/events.js';
import { type Relay, startRelay } from '../relay/relay.js';
import { tunnelAbsent } from './absent.js';
import { readServers } from './access-files.js';
import { askTunnel, type TunnelStatus } from './control-client.js';
import { listenForControl } from './control-server.js';
import { controlSocket, type TunnelPlaces } from './places.js';
import { portTaken, tunnelPort } from './port.js';

/** How a tunnel is run. */
export interface ServeOptions {
  /** Ends after so many milliseconds without a connection. Default: never. */
  readonly idleMs?: number | undefined;
  readonly dial?: Dial | undefined;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RelayEvent) => void;
  /** It listens. */
  readonly onReady: (status: TunnelStatus) => void;
}

/** Why a tunnel ended. `already`: another one runs, and this one never began. */
export type ServeEnd =
  | { readonly why: 'aborted' | 'stopped' | 'idle' | 'cluster removed' }
  | { readonly why: 'already'; readonly status: TunnelStatus };

/**
 * Runs the tunnel of a cluster until it is told to stop, in this process. There is one a cluster: its port is the lock,
 * which the system takes back whatever happens to the process. Errors: `tunnel-absent` where nothing is known of the
 * API servers, `tunnel-port-taken`.
 */
export async function serveTunnel(places: TunnelPlaces, options: ServeOptions): Promise<ServeEnd> {
  const list = await readServers(places);
  if (list === undefined) throw tunnelAbsent(places.cluster);
  const port = await tunnelPort(places);
  const ended = new AbortController();
  const end = (why: ServeEnd['why']) => ended.abort(why);
  const start = () =>
    startRelay({
      port,
      ...list,
      dial: options.dial,
      onEvent: options.onEvent,
      idleMs: options.idleMs,
      onIdle: () => end('idle'),
    });
  const found = await claimPort(places, port, start);
  if ('pid' in found) return { why: 'already', status: found };
  await using relay = found;
  const startedAt = new Date().toISOString();
  const status = () => ({ cluster: places.cluster, pid: process.pid, port, startedAt, ...relay.status() });
  // Disposed of before the relay: whoever finds the port free must not lose its own socket to us.
  await using _control = await listenForControl(controlSocket(places), {
    status,
    keep() {
      relay.touch();
      return status();
    },
    stop() {
      end('stopped');
      return status();
    },
  });
  using _following = follow(places, relay, () => end('cluster removed'));
  relay.touch();
  options.onReady(status());
  await endOf(ended.signal, options.signal);
  return { why: options.signal.aborted ? 'aborted' : ended.signal.reason };
}

/** Takes the port, or finds whose it is. One that is just ending or beginning has it for a moment and does not answer. */
async function claimPort(
  places: TunnelPlaces,
  port: number,
  start: () => Promise<Relay>,
): Promise<Relay | TunnelStatus> {
  const deadline = performance.now() + CLAIM_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (errorCode(error) !== 'EADDRINUSE') throw error;
    }
    const status = await askTunnel(places, 'keep');
    if (status !== undefined) return status;
    if (performance.now() > deadline) throw portTaken(places.cluster, port);
    await sleep(50);
  }
}

const CLAIM_MS = 1500;
const FOLLOW_MS = 1000;

/** Keeps to the list of servers as it is on the disk; it is gone when the cluster is. */
function follow(places: TunnelPlaces, relay: Relay, onGone: () => void): Disposable {
  const changed = async () => {
    try {
      const list = await readServers(places);
      if (list === undefined) onGone();
      else relay.update(list.ca, list.servers);
    } catch {
      // It cannot be read right now: what is known of the servers goes on to hold.
    }
  };
  // By asking, not by inotify: a home on a network file system tells nobody.
  const listener = () => void changed();
  watchFile(places.servers, { interval: FOLLOW_MS }, listener);
  return { [Symbol.dispose]: () => unwatchFile(places.servers, listener) };
}

function endOf(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    }
  });
}
