import { setTimeout as delay } from 'node:timers/promises';
import type ssh2 from 'ssh2';
import { KubewrightError } from '../../core/errors.js';
import type { SshTarget } from '../target.js';
import { noKeys } from './authentication.js';
import { describeHost } from './describe.js';
import type { Dial } from './dial.js';
import { shakeHands } from './handshake.js';
import { openHostKeyJudge } from './host-key.js';
import type { Identities } from './identities.js';
import type { SshLimits } from './limits.js';

/** One SSH connection that is logged in. */
export interface SshConnection {
  readonly client: ssh2.Client;
  /** Why it is gone; undefined while it lives. */
  lost(): KubewrightError | undefined;
  /** Says goodbye and waits for the socket to close, half a second at most. */
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly dial: Dial;
  readonly limits: SshLimits;
  /** Aborts when the time is up or the user does not want any more. */
  readonly signal: AbortSignal;
  /** A shorter limit for dialling alone, in milliseconds. */
  readonly dialTimeoutMs?: number | undefined;
}

/** Connections in a row that are opened to offer all keys of a full agent: sshd takes about five keys each (MaxAuthTries 6). */
const MAX_LOGINS = 5;

/** One attempt: dials, checks the host's key, logs in. Rejects as `dialTcp` and `shakeHands` do. */
export async function openConnection(
  target: SshTarget,
  identities: Identities,
  options: ConnectionOptions,
): Promise<SshConnection> {
  if (identities.keys.length === 0) throw noKeys(target, identities);
  const judge = await openHostKeyJudge(target);
  return options.limits.handshake(`${target.address}:${target.port}`, async () => {
    let from = 0;
    for (let login = 0; login < MAX_LOGINS; login += 1) {
      const stream = await options.dial(target, dialSignal(options));
      // Until its turn comes nobody else listens, and an error that nobody hears ends the program.
      stream.on('error', () => {});
      const parts = { target, judge, identities, from, signal: options.signal };
      const handshake = await options.limits.exchange(() => shakeHands(stream, parts));
      if (handshake.kind === 'ready') return watch(target, handshake.client);
      from = handshake.offered;
    }
    throw new KubewrightError(
      'ssh-auth-failed',
      `${describeHost(target)} refused ${from} keys for the user ${target.user}, and ${identities.keys.length - from} were not tried any more.`,
      { host: target.name, hint: 'Name the right key with identityFile, or remove keys from the agent.' },
    );
  });
}

function dialSignal({ signal, dialTimeoutMs }: ConnectionOptions): AbortSignal {
  return dialTimeoutMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(dialTimeoutMs)]);
}

function watch(target: SshTarget, client: ssh2.Client): SshConnection {
  let complaint: Error | undefined;
  let lost: KubewrightError | undefined;
  const closed = new Promise<void>((resolve) => {
    client.on('error', (error) => {
      complaint = error;
    });
    client.on('close', () => {
      lost ??= lostError(target, complaint);
      resolve();
    });
  });
  return {
    client,
    lost: () => lost,
    async close() {
      client.end();
      await Promise.race([closed, delay(500, undefined, { ref: false })]);
      client.destroy();
    },
  };
}

function lostError(target: SshTarget, complaint: Error | undefined): KubewrightError {
  const reason =
    complaint?.message === 'Keepalive timeout'
      ? 'it has not answered for a minute'
      : (complaint?.message ?? 'it was closed');
  return new KubewrightError('ssh-connection-lost', `The connection to ${describeHost(target)} broke: ${reason}.`, {
    host: target.name,
    hint: 'The same command again finds out how far it came and goes on.',
    retryable: true,
    cause: complaint,
  });
}
