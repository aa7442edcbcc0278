import { connectSsh, waitForSsh } from '../transport/ssh/connect.js';
import type { SshPool } from '../transport/ssh/pool.js';
import type { SshTarget } from '../transport/target.js';
import type { Transport } from '../transport/transport.js';
import type { Elevation } from './become-root.js';
import { createHost } from './host.js';
import type { RemoteHost } from './remote-host.js';

export interface OpenHostOptions {
  readonly signal: AbortSignal;
  /** Deadline of connecting in milliseconds. Default 20 000. */
  readonly timeoutMs?: number | undefined;
  /** Holds the connection, to be used again by whoever opens the same host. Absent: the host has one of its own. */
  readonly pool?: SshPool | undefined;
  /** Is the machine perhaps still booting? Then it is waited for until the deadline. Default false. */
  readonly booting?: boolean | undefined;
  /** Told what is being waited for while it boots. */
  readonly onWait?: ((reason: string) => void) | undefined;
}

/**
 * Connects to a machine and gives it as a host whose scripts run as root. Nothing is run yet: whether sudo works is
 * found out by the first script. Rejects as `connectSsh` does.
 */
export async function openHost(target: SshTarget, options: OpenHostOptions): Promise<RemoteHost> {
  const { pool, booting = false } = options;
  const settings = { signal: options.signal, timeoutMs: options.timeoutMs ?? 20_000, onWait: options.onWait };
  const name = target.name;
  const elevation = elevationOf(target);
  if (pool !== undefined) {
    const transport = await (booting ? pool.wait(target, settings) : pool.connect(target, settings));
    return createHost({ name, transport: borrowed(transport), elevation });
  }
  const transport = await (booting ? waitForSsh(target, settings) : connectSsh(target, settings));
  return createHost({ name, transport, elevation });
}

function elevationOf(target: SshTarget): Elevation {
  if (target.user === 'root') return { kind: 'none' };
  const { sudoPassword } = target;
  return sudoPassword === undefined ? { kind: 'sudo' } : { kind: 'sudo-password', password: sudoPassword };
}

/** The pool closes it, not the host. */
function borrowed(transport: Transport): Transport {
  return {
    description: transport.description,
    run: (command, options) => transport.run(command, options),
    [Symbol.asyncDispose]: async () => {},
  };
}
