import type { AnyAuthMethod, AuthHandlerMiddleware, NextAuthHandler } from 'ssh2';
import { KubewrightError } from '../../core/errors.js';
import type { SshTarget } from '../target.js';
import { describeHost } from './describe.js';
import type { Identities, Identity } from './identities.js';

/** Offers keys to one sshd, one after the other. */
export interface Authentication {
  readonly handler: AuthHandlerMiddleware;
  /** How many keys were offered: where to go on after sshd has cut a connection for too many. */
  readonly offered: () => number;
  /** Why no further key is offered; set once there is none. */
  readonly failure: () => KubewrightError | undefined;
  /** The error for a connection that sshd closes in the middle: what PAM's refusal of an account looks like. */
  readonly cutOff: () => KubewrightError;
}

/** Offers `identities.keys` from number `from` on. `notes` are complaints of sshd and of agents, for the error. */
export function startAuthentication(
  target: SshTarget,
  identities: Identities,
  from: number,
  notes: readonly string[],
): Authentication {
  let next = from;
  let failure: KubewrightError | undefined;

  function choose(methodsLeft: readonly string[] | null, partial: boolean | null): AnyAuthMethod | false {
    if (partial) {
      failure = refused(target, identities, `wants more than a key: ${methodsLeft?.join(', ')}`, notes);
      return false;
    }
    if (methodsLeft !== null && !methodsLeft.includes('publickey')) {
      failure = refused(target, identities, `accepts no keys, only ${methodsLeft.join(', ')}`, notes);
      return false;
    }
    const key = identities.keys[next];
    if (key === undefined) {
      failure = refused(target, identities, 'refused every key', notes);
      return false;
    }
    next += 1;
    return key.method(target.user);
  }

  return {
    handler: (methodsLeft, partial, done) => {
      // ssh2 takes `false` for "no more"; its types do not say so.
      (done as (method: Parameters<NextAuthHandler>[0] | false) => void)(choose(methodsLeft, partial));
    },
    offered: () => next,
    failure: () => failure,
    cutOff: () => closed(target, notes),
  };
}

/** The error for a target that there is no key at all to offer to. */
export function noKeys(target: SshTarget, identities: Identities): KubewrightError {
  const skipped = identities.skipped.map((reason) => ` Not usable: ${reason}`).join('');
  return new KubewrightError(
    'ssh-auth-failed',
    `There is no key to log in to ${describeHost(target)} with: no agent, and none in ~/.ssh.${skipped}`,
    {
      host: target.name,
      hint: 'Name a key with identityFile, load one with ssh-add, or make one: ssh-keygen -t ed25519',
    },
  );
}

function refused(target: SshTarget, identities: Identities, what: string, notes: readonly string[]): KubewrightError {
  const tried = identities.keys.map((key: Identity) => key.label).join(', ');
  const skipped = identities.skipped.map((reason) => ` Not tried: ${reason}`).join('');
  return new KubewrightError(
    'ssh-auth-failed',
    `${describeHost(target)} ${what} for the user ${target.user}. Tried: ${tried}.${skipped}`,
    {
      host: target.name,
      hint: `Is ${target.user} the right user, and is one of these keys in its authorized_keys on the machine?`,
      output: notes,
    },
  );
}

function closed(target: SshTarget, notes: readonly string[]): KubewrightError {
  const said = notes.length > 0 ? `, saying: ${notes.join(' ')}` : '';
  const booting = notes.some((note) => BOOTING.test(note));
  return new KubewrightError(
    'ssh-auth-failed',
    `${describeHost(target)} closed the connection while the user ${target.user} logged in${said}`,
    {
      host: target.name,
      hint: booting
        ? 'Only root may log in while a machine boots. Wait until it has.'
        : `Is the account of ${target.user} locked, expired, or not permitted to log in?`,
      output: notes,
      // A machine that boots restarts its sshd, too.
      retryable: true,
    },
  );
}

/** pam_nologin(8) refuses all but root while systemd boots, and says so in these words. */
const BOOTING = /system is booting up/i;
