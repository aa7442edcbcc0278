import type { RemoteHost } from '../host/remote-host.js';
import type { SshTarget } from '../transport/target.js';

/** The connections of one run: each host's is opened when it is first asked for, once. Dispose closes them all. */
export interface HostPool extends AsyncDisposable {
  readonly open: (target: SshTarget, signal: AbortSignal, timeoutMs?: number) => Promise<RemoteHost>;
  /** Closes the connections to these hosts: their next one is a new one. */
  readonly forget: (names: readonly string[]) => Promise<void>;
}

/** A pool of hosts that `connect` reaches. One that could not be reached is tried anew when it is asked for again. */
export function createHostPool(connect: HostPool['open']): HostPool {
  const hosts = new Map<string, Promise<RemoteHost>>();
  return {
    open(target, signal, timeoutMs) {
      const known = hosts.get(target.name);
      if (known !== undefined) return known;
      const opening = connect(target, signal, timeoutMs);
      hosts.set(target.name, opening);
      opening.catch(() => hosts.delete(target.name));
      return opening;
    },
    async forget(names) {
      for (const name of names) {
        const host = await hosts.get(name)?.catch(() => undefined);
        hosts.delete(name);
        await host?.[Symbol.asyncDispose]();
      }
    },
    async [Symbol.asyncDispose]() {
      const opened = await Promise.allSettled(hosts.values());
      await Promise.allSettled(
        opened.map(async (host) => {
          if (host.status === 'fulfilled') await host.value[Symbol.asyncDispose]();
        }),
      );
    },
  };
}
