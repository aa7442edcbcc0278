import type { Duplex } from 'node:stream';
import type { ClientErrorExtensions } from 'ssh2';
import ssh2 from 'ssh2';
import { KubewrightError } from '../../core/errors.js';
import { sanitizeLine } from '../sanitize.js';
import type { SshTarget } from '../target.js';
import { algorithms } from './algorithms.js';
import { startAuthentication } from './authentication.js';
import { describeHost } from './describe.js';
import type { HostKeyJudge } from './host-key.js';
import type { Identities } from './identities.js';

/** How a handshake ended: logged in, or cut off by sshd after so many keys that the rest wants another connection. */
export type Handshake =
  | { readonly kind: 'ready'; readonly client: ssh2.Client }
  | { readonly kind: 'too-many-keys'; readonly offered: number };

export interface HandshakeOptions {
  readonly target: SshTarget;
  readonly judge: HostKeyJudge;
  readonly identities: Identities;
  /** The first of `identities.keys` to offer. */
  readonly from: number;
  /** Aborts when the time is up or the user does not want any more. */
  readonly signal: AbortSignal;
}

/** Seconds between questions whether the other side is still there, and how many may stay unanswered. */
const KEEPALIVE = { keepaliveInterval: 15_000, keepaliveCountMax: 4 };

/**
 * Speaks SSH on `stream` until logged in. The host's key is judged before anything is sent; a wrong one ends it.
 * Rejects with `ssh-handshake-failed` (retryable where sshd dropped the connection or kept silent),
 * `ssh-host-key-…` or `ssh-auth-failed`, the stream destroyed.
 */
export async function shakeHands(stream: Duplex, options: HandshakeOptions): Promise<Handshake> {
  const { target, judge, identities, from, signal } = options;
  // It may have waited for its turn, and nobody would hear again that it is over.
  if (signal.aborted || stream.destroyed) {
    stream.destroy();
    throw signal.aborted ? silent(target, stream) : explain(target, undefined, stream);
  }
  const client = new ssh2.Client();
  const notes: string[] = [];
  const authentication = startAuthentication(target, identities, from, notes);
  let hostKey: Uint8Array | undefined;
  let judgement: KubewrightError | undefined;
  let remembered: Promise<void> = Promise.resolve();
  let abort = () => {};
  try {
    const handshake = await new Promise<Handshake>((resolve, reject) => {
      let complaint: Error | undefined;
      let loggingIn = false;
      const fail = () => {
        const refusal = judgement ?? authentication.failure();
        reject(refusal ?? (loggingIn ? authentication.cutOff() : explain(target, complaint, stream)));
      };
      abort = () => reject(silent(target, stream));
      signal.addEventListener('abort', abort, { once: true });
      client.on('banner', (text) => notes.push(...lines(text)));
      client.on('greeting', (text) => notes.push(...lines(text)));
      client.on('handshake', () => {
        loggingIn = true;
        if (hostKey !== undefined) remembered = judge.remember(hostKey);
        remembered.catch(() => client.end());
      });
      client.on('ready', () => resolve({ kind: 'ready', client }));
      client.on('error', (error: Error & ClientErrorExtensions) => {
        // A key that its agent refuses to use: ssh2 goes on with the next one by itself.
        if (error.level === 'agent' || error.message.startsWith('Error signing')) return notes.push(error.message);
        if (/too many authentication failures/i.test(error.message)) {
          return resolve({ kind: 'too-many-keys', offered: authentication.offered() });
        }
        complaint = error;
        fail();
      });
      client.on('close', fail);
      client.connect({
        ...KEEPALIVE,
        sock: stream,
        username: target.user,
        readyTimeout: 0,
        algorithms: algorithms(judge.knownTypes),
        hostVerifier: (key: Buffer) => {
          hostKey = key;
          judgement = judge.judge(key);
          return judgement === undefined;
        },
        authHandler: authentication.handler,
      });
    });
    await remembered;
    if (handshake.kind !== 'ready') stream.destroy();
    return handshake;
  } catch (error) {
    stream.destroy();
    // ssh2 may still complain about the stream that was taken from it.
    client.on('error', () => {});
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function lines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(sanitizeLine);
}

function explain(target: SshTarget, complaint: Error | undefined, stream: Duplex): KubewrightError {
  const message = complaint?.message ?? 'it closed the connection';
  if (/no matching/.test(message)) {
    return failed(target, `${message.replace(/^Handshake failed: /, '')} is supported by both sides`, false, {
      hint: 'Its sshd is very old, or restricted to algorithms that are not considered safe any more.',
      cause: complaint,
    });
  }
  const dropped = complaint === undefined || DROPPED.test(message) || DROPPED.test(code(complaint));
  if (dropped) {
    const spoke = 'bytesRead' in stream && Number(stream.bytesRead) > 0;
    return failed(target, `it closed the connection ${spoke ? 'during the handshake' : 'without a word'}`, true, {
      hint: 'sshd drops connections when too many come at once (MaxStartups), while it starts, and when a firewall says so.',
      cause: complaint,
    });
  }
  return failed(target, message, false, { hint: 'Is it sshd that listens on this port?', cause: complaint });
}

const DROPPED = /connection lost before handshake|ECONNRESET|EPIPE/i;

function code(error: Error): string {
  return String((error as NodeJS.ErrnoException).code ?? '');
}

function silent(target: SshTarget, stream: Duplex): KubewrightError {
  const spoke = 'bytesRead' in stream && Number(stream.bytesRead) > 0;
  return failed(target, spoke ? 'it stopped answering' : 'it accepted the connection and said nothing', true, {
    hint: 'Is it sshd that listens on this port, and is the machine overloaded?',
  });
}

function failed(
  target: SshTarget,
  reason: string,
  retryable: boolean,
  details: { readonly hint: string; readonly cause?: unknown },
): KubewrightError {
  return new KubewrightError('ssh-handshake-failed', `No SSH session with ${describeHost(target)}: ${reason}.`, {
    host: target.name,
    retryable,
    ...details,
  });
}
