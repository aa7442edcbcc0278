import { KubewrightError } from '../../core/errors.js';
import type { SshTarget } from '../target.js';
import { describeHost, describePath } from './describe.js';
import { fingerprint, keyType, parsePublicKey } from './keys.js';
import { hostName, type KnownHost, knownKeys } from './known-hosts.js';
import { pinHostKey, readKnownHosts } from './known-hosts-file.js';

/** Judges the key that a host shows, before anything is sent to it. */
export interface HostKeyJudge {
  /** Types of the keys that are known, to be asked for first. */
  readonly knownTypes: readonly string[];
  /** The error to stop with, or nothing when the key is the right one or may be trusted on first use. */
  judge(key: Uint8Array): KubewrightError | undefined;
  /** Pins a key that was trusted on first use; to be called once the host has proven that it holds the key. */
  remember(key: Uint8Array): Promise<void>;
}

/** Reads what is known about the host of `target`. Rejects with `known-hosts-unusable`. */
export async function openHostKeyJudge(target: SshTarget): Promise<HostKeyJudge> {
  const { hostKeys } = target;
  const known =
    hostKeys.kind === 'pinned' ? pinnedKeys(target, hostKeys.keys) : await keysFromFiles(target, filesOf(hostKeys));
  const trusting = hostKeys.kind === 'trust-on-first-use' && known.accepted.length === 0;
  return {
    knownTypes: [...new Set(known.accepted.map((entry) => keyType(entry.key)))],
    judge(key) {
      const revoked = known.revoked.find((entry) => same(entry.key, key));
      if (revoked !== undefined) return revokedError(target, key, revoked);
      if (known.accepted.some((entry) => same(entry.key, key))) return undefined;
      if (known.accepted.length > 0) return changedError(target, key, known.accepted);
      return trusting ? undefined : unknownError(target, key);
    },
    async remember(key) {
      if (hostKeys.kind !== 'trust-on-first-use' || !trusting) return;
      const pinned = await pinHostKey(hostKeys.file, target, key);
      if (!pinned.some((entry) => same(entry.key, key))) throw changedError(target, key, pinned);
    },
  };
}

function filesOf(check: Exclude<SshTarget['hostKeys'], { kind: 'pinned' }>): readonly string[] {
  return check.kind === 'known-hosts' ? check.files : [check.file, ...check.files];
}

async function keysFromFiles(target: SshTarget, files: readonly string[]) {
  return knownKeys(await readKnownHosts([...new Set(files)]), target.address, target.port);
}

function pinnedKeys(target: SshTarget, keys: readonly string[]) {
  const accepted = keys.map((line): KnownHost => {
    try {
      return { hosts: '', marker: undefined, key: parsePublicKey(line), where: 'the pinned keys' };
    } catch (cause) {
      throw new KubewrightError('known-hosts-unusable', `A pinned host key of ${target.name} is none: "${line}".`, {
        host: target.name,
        hint: 'A host key is written as "ssh-ed25519 AAAA…", as in /etc/ssh/ssh_host_ed25519_key.pub of the machine.',
        cause,
      });
    }
  });
  return { accepted, revoked: [] };
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function show(key: Uint8Array): string {
  return `${fingerprint(key)} (${keyType(key)})`;
}

function showKnown(entries: readonly KnownHost[]): string {
  return entries.map((entry) => `${show(entry.key)} of ${describePath(entry.where)}`).join(', ');
}

function changedError(target: SshTarget, key: Uint8Array, known: readonly KnownHost[]): KubewrightError {
  return new KubewrightError(
    'ssh-host-key-changed',
    `${describeHost(target)} shows the host key ${show(key)}, but known is ${showKnown(known)}. Stopped before logging in.`,
    { host: target.name, hint: changedHint(target, known) },
  );
}

function changedHint(target: SshTarget, known: readonly KnownHost[]): string {
  const inBetween = 'Either the machine was reinstalled, or somebody stands in between.';
  if (target.hostKeys.kind === 'pinned') {
    return `${inBetween} Only when you know that the new key is right, pin it in place of the old one.`;
  }
  const file = known[0]?.where.replace(/:\d+$/, '') ?? '~/.ssh/known_hosts';
  const name = hostName(target.address, target.port);
  return `${inBetween} Only when you know that the new key is right: ssh-keygen -R '${name}' -f ${describePath(file)}`;
}

function revokedError(target: SshTarget, key: Uint8Array, entry: KnownHost): KubewrightError {
  return new KubewrightError(
    'ssh-host-key-changed',
    `${describeHost(target)} shows the host key ${show(key)}, which ${describePath(entry.where)} marks as revoked. Stopped before logging in.`,
    { host: target.name, hint: 'Give the machine a new host key: the old one is in the wrong hands.' },
  );
}

function unknownError(target: SshTarget, key: Uint8Array): KubewrightError {
  const kind = keyType(key).replace(/^(?:ssh-|ecdsa-sha2-).*/, (type) =>
    type.startsWith('ecdsa') ? 'ecdsa' : type.slice(4),
  );
  return new KubewrightError(
    'ssh-host-key-unknown',
    `Nobody has vouched for the host key of ${describeHost(target)}: ${show(key)}. Stopped before logging in.`,
    {
      host: target.name,
      hint:
        `Compare it with what \`ssh-keygen -lf /etc/ssh/ssh_host_${kind}_key.pub\` says on the machine itself, then connect once ` +
        `with ssh -p ${target.port} ${target.user}@${target.address}, or set hostKey to trust-on-first-use.`,
    },
  );
}
