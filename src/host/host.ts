import { connectSsh, waitForSsh } from '../transport/ssh/connect.js';
import type { SshTarget } from '../transport/target.js';
import type { Elevation } from './become-root.js';
import { createHost } from './create-host.js';
import type { RemoteHost } from './remote-host.js';

export interface OpenHostOptions {
  readonly signal: AbortSignal;
  /** Deadline of connecting in milliseconds. Default: 20 000, or what the machine may take to boot. */
  readonly timeoutMs?: number | undefined;
  /** Told what is being waited for while a machine boots, each time that it changes. */
  readonly onWait?: ((reason: string) => void) | undefined;
}

/**
 * Connects to a machine and gives it as a host whose scripts run as root. A machine that may still be booting
 * (`bootMs` of the target) is waited for. Nothing is run yet: whether sudo works is found out by the first script.
 * Rejects as `connectSsh` does. Disposing of the host closes its connection.
 */
export async function openHost(target: SshTarget, options: OpenHostOptions): Promise<RemoteHost> {
  const { signal, onWait, timeoutMs = target.bootMs ?? 20_000 } = options;
  const transport =
    target.bootMs === undefined
      ? await connectSsh(target, { signal, timeoutMs })
      : await waitForSsh(target, { signal, timeoutMs: Math.min(timeoutMs, target.bootMs), onWait });
  return createHost({ name: target.name, transport, elevation: elevationOf(target) });
}

function elevationOf(target: SshTarget): Elevation {
  if (target.user === 'root') return { kind: 'none' };
  const { sudoPassword } = target;
  return sudoPassword === undefined ? { kind: 'sudo' } : { kind: 'sudo-password', password: sudoPassword };
}
