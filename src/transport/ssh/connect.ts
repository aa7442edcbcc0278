import { KubewrightError } from '../../core/errors.js';
import { seconds, startDeadline } from '../deadline.js';
import { retry } from '../retry.js';
import type { SshTarget } from '../target.js';
import type { Transport } from '../transport.js';
import { openConnection, type SshConnection } from './connection.js';
import { describeHost } from './describe.js';
import { type Dial, dialTcp } from './dial.js';
import { type IdentityLoader, SHARED_IDENTITIES } from './identities.js';
import { SHARED_LIMITS, type SshLimits } from './limits.js';
import { SshTransport } from './ssh-transport.js';

export interface ConnectOptions {
  readonly signal: AbortSignal;
  /** Deadline of connecting in milliseconds, for the first connection and for each that replaces a lost one. */
  readonly timeoutMs: number;
  /** Shared by all connections of the process when absent. */
  readonly limits?: SshLimits | undefined;
  /** Unlocks keys. Shared by all connections of the process when absent, so that a passphrase is asked for once. */
  readonly identities?: IdentityLoader | undefined;
  /** TCP when absent. */
  readonly dial?: Dial | undefined;
}

export interface WaitOptions extends ConnectOptions {
  /** Told what is being waited for, each time that it changes. */
  readonly onWait?: ((reason: string) => void) | undefined;
}

/**
 * Opens an SSH connection to a machine that is up. The host's key is checked before anything else is sent. A
 * connection that sshd drops because too many come at once (MaxStartups) is tried again, nothing else is.
 * Rejects with `host-unreachable`, `ssh-handshake-failed`, `ssh-host-key-changed`, `ssh-host-key-unknown`,
 * `ssh-auth-failed`, `ssh-key-unusable` or `known-hosts-unusable`.
 */
export async function connectSsh(target: SshTarget, options: ConnectOptions): Promise<Transport> {
  const settings = withDefaults(options);
  return createTransport(target, settings, await open(target, settings));
}

/**
 * As `connectSsh`, for a machine that is still booting: until the deadline everything that time may mend is tried
 * again, every 100 to 150 ms. Then it rejects with what was wrong last.
 */
export async function waitForSsh(target: SshTarget, options: WaitOptions): Promise<Transport> {
  const settings = withDefaults(options);
  using deadline = startDeadline(`waiting for ${describeHost(target)}`, options);
  let said: string | undefined;
  try {
    const connection = await retry(
      () => open(target, { ...settings, signal: deadline.signal, timeoutMs: ATTEMPT_MS, dialTimeoutMs: DIAL_MS }),
      {
        signal: deadline.signal,
        delayMs: 100,
        longestMs: 150,
        factor: 1,
        when: (error) => error instanceof KubewrightError && error.retryable,
        onRetry({ message }) {
          if (message !== said) options.onWait?.(message);
          said = message;
        },
      },
    );
    return createTransport(target, settings, connection);
  } catch (error) {
    if (!deadline.signal.aborted) throw error;
    if (options.signal.aborted || !(error instanceof KubewrightError)) throw deadline.error();
    throw new KubewrightError(error.code, `${error.message} It was waited for ${seconds(options.timeoutMs)}.`, {
      host: target.name,
      hint: error.hint,
      retryable: true,
      cause: error,
    });
  }
}

/** Longest single attempt while waiting: a machine that is just coming up swallows packets and forgets connections. */
const ATTEMPT_MS = 10_000;
const DIAL_MS = 2000;

interface Settings {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly limits: SshLimits;
  readonly identities: IdentityLoader;
  readonly dial: Dial;
  /** A shorter limit for the stream alone. */
  readonly dialTimeoutMs?: number | undefined;
}

function withDefaults(options: ConnectOptions): Settings {
  return {
    signal: options.signal,
    timeoutMs: options.timeoutMs,
    limits: options.limits ?? SHARED_LIMITS,
    identities: options.identities ?? SHARED_IDENTITIES,
    dial: options.dial ?? dialTcp,
  };
}

function createTransport(target: SshTarget, settings: Settings, connection: SshConnection) {
  const reopen = (signal: AbortSignal) => open(target, { ...settings, signal });
  return new SshTransport(target, { channels: settings.limits.channels, connection, reopen });
}

/** One connection; dropped handshakes are tried again until the deadline. */
async function open(target: SshTarget, settings: Settings): Promise<SshConnection> {
  // Before the clock starts: a passphrase may have to be asked for.
  const identities = await settings.identities(target.identity);
  using deadline = startDeadline(`connecting to ${describeHost(target)}`, settings);
  try {
    return await retry(() => openConnection(target, identities, { ...settings, signal: deadline.signal }), {
      signal: deadline.signal,
      delayMs: 100,
      longestMs: 1000,
      when: (error) => error instanceof KubewrightError && error.code === 'ssh-handshake-failed' && error.retryable,
    });
  } catch (error) {
    if (settings.signal.aborted) throw deadline.error();
    throw error;
  }
}
