import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** An API server as this machine reaches it. */
export interface ApiServer {
  /** The control plane's name. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** Opens a way to a server; rejects, and leaves nothing open, where that fails or the signal aborts. */
export type Dial = (server: ApiServer, signal: AbortSignal) => Promise<Duplex>;

/** A plain TCP connection. */
export function dialTcp({ host, port }: ApiServer, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true, keepAlive: true });
    const give = (settle: () => void) => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      settle();
    };
    const onError = (error: Error) => give(() => reject(error));
    const onAbort = () => {
      socket.destroy();
      give(() => reject(new Error('no answer in time')));
    };
    socket.once('error', onError);
    socket.once('connect', () => give(() => resolve(socket)));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}

/** Gives the work a signal that aborts after `timeoutMs` milliseconds. */
export async function within<Result>(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  // Not AbortSignal.timeout: in a process that lives for days its timers would outlive what they were made for.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
  }
}
