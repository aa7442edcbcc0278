import { createHmac } from 'node:crypto';
import { keyType, parsePublicKey } from './keys.js';

/** One line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHost {
  /** Comma-separated patterns, or one hashed name: as written. */
  readonly hosts: string;
  readonly marker: 'cert-authority' | 'revoked' | undefined;
  /** The key's wire form. */
  readonly key: Uint8Array;
  /** "known_hosts:12": for messages. */
  readonly where: string;
}

/** What known_hosts says about one host. */
export interface KnownKeys {
  readonly accepted: readonly KnownHost[];
  readonly revoked: readonly KnownHost[];
}

/** The entries of a known_hosts file; lines that are none are passed over, as OpenSSH does. */
export function parseKnownHosts(content: string, file: string): KnownHost[] {
  return content.split('\n').flatMap((line, index) => {
    const words = line.trim().split(/\s+/);
    if (words[0] === '' || words[0]?.startsWith('#')) return [];
    const marker = words[0]?.startsWith('@') ? words.shift()?.slice(1) : undefined;
    if (marker !== undefined && marker !== 'cert-authority' && marker !== 'revoked') return [];
    const [hosts = '', type = '', blob = ''] = words;
    try {
      return [{ hosts, marker, key: parsePublicKey(`${type} ${blob}`), where: `${file}:${index + 1}` }];
    } catch {
      return [];
    }
  });
}

/**
 * The keys that are known for a host. As in OpenSSH, a port other than 22 is part of the name ("[host]:2222"), and an
 * entry without a port counts for such a host only when there is none with it. Certificate authorities are left out:
 * host certificates are not supported.
 */
export function knownKeys(entries: readonly KnownHost[], address: string, port: number): KnownKeys {
  const named = matching(entries, hostName(address, port));
  const found = named.length > 0 || port === 22 ? named : matching(entries, hostName(address, 22));
  return {
    accepted: found.filter((entry) => entry.marker === undefined),
    revoked: found.filter((entry) => entry.marker === 'revoked'),
  };
}

/** "host" or "[host]:2222", lower case: how a host is named in known_hosts. */
export function hostName(address: string, port: number): string {
  const name = address.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** A line for a known_hosts file, without the newline. Throws a TypeError for a name that cannot stand in one. */
export function formatKnownHost(names: readonly string[], key: Uint8Array): string {
  for (const name of names) {
    if (!/^[^\s,*?!#|@\p{Cc}][^\s,*?!#|\p{Cc}]*$/u.test(name)) {
      throw new TypeError(`${JSON.stringify(name)} cannot be named in known_hosts`);
    }
  }
  return `${names.join(',')} ${keyType(key)} ${Buffer.from(key).toString('base64')}`;
}

function matching(entries: readonly KnownHost[], name: string): readonly KnownHost[] {
  return entries.filter((entry) => matches(entry.hosts, name));
}

function matches(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHash(hosts, name);
  const patterns = hosts.toLowerCase().split(',');
  if (patterns.some((pattern) => pattern.startsWith('!') && matchesPattern(pattern.slice(1), name))) return false;
  return patterns.some((pattern) => matchesPattern(pattern, name));
}

/** "|1|salt|hash": HMAC-SHA1 of the name (ssh-keygen -H). */
function matchesHash(hosts: string, name: string): boolean {
  const [, version, salt = '', hash] = hosts.split('|');
  return version === '1' && createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** `*` and `?`, nothing else. Walks back to the last star only, so no pattern takes more than length × length steps. */
function matchesPattern(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < name.length; ) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at;
      at += 1;
      resume = index;
    } else if (wanted === '?' || wanted === name[index]) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      index = resume;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
