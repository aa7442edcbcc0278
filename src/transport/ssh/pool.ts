import { KubewrightError } from '../../core/errors.js';
import type { SshTarget } from '../target.js';
import type { Transport } from '../transport.js';
import { type ConnectOptions, connectSsh, type WaitOptions, waitForSsh } from './connect.js';
import { describeTarget } from './describe.js';
import { createIdentityLoader } from './identities.js';

/**
 * One connection a host for a whole run, whoever asks for it. Passphrases are asked for once for all hosts.
 * Disposing of the pool closes all connections.
 */
export interface SshPool extends AsyncDisposable {
  /** The open connection, or a new one made by `connectSsh`. It is the pool's: do not dispose of it. */
  connect(target: SshTarget, options: ConnectOptions): Promise<Transport>;
  /** The open connection, or a new one made by `waitForSsh`. */
  wait(target: SshTarget, options: WaitOptions): Promise<Transport>;
  /** Closes the connection to a host that goes away. */
  close(target: SshTarget): Promise<void>;
}

export function createSshPool(): SshPool {
  const identities = createIdentityLoader();
  const connections = new Map<string, Promise<Transport>>();
  const disposed = new AbortController();

  async function shared(
    target: SshTarget,
    options: ConnectOptions,
    open: (target: SshTarget, options: ConnectOptions) => Promise<Transport>,
  ): Promise<Transport> {
    const key = `${describeTarget(target)} ${JSON.stringify([target.identity, target.hostKeys])}`;
    for (;;) {
      const existing = connections.get(key);
      if (existing === undefined) break;
      try {
        return await existing;
      } catch (error) {
        // Whoever was first was interrupted: that is not this caller's failure.
        if (options.signal.aborted || !wasInterrupted(error)) throw error;
      }
    }
    const signal = AbortSignal.any([options.signal, disposed.signal]);
    const opening = open(target, { identities, ...options, signal });
    connections.set(key, opening);
    opening.catch(() => {
      if (connections.get(key) === opening) connections.delete(key);
    });
    return await opening;
  }

  return {
    connect: (target, options) => shared(target, options, connectSsh),
    wait: (target, options) => shared(target, options, waitForSsh),
    async close(target) {
      const prefix = `${describeTarget(target)} `;
      const closing = [...connections].filter(([key]) => key.startsWith(prefix));
      for (const [key] of closing) connections.delete(key);
      await Promise.all(closing.map(([, transport]) => dispose(transport)));
    },
    async [Symbol.asyncDispose]() {
      disposed.abort();
      const all = [...connections.values()];
      connections.clear();
      await Promise.all(all.map(dispose));
    },
  };
}

function wasInterrupted(error: unknown): boolean {
  return error instanceof KubewrightError && error.code === 'interrupted';
}

async function dispose(opening: Promise<Transport>): Promise<void> {
  const transport = await opening.catch(() => undefined);
  await transport?.[Symbol.asyncDispose]();
}
