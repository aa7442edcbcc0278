import type { SshTarget } from '../target.js';

export interface SshConfigOptions {
  /** File with the pinned keys, each under the target's name. */
  readonly knownHostsFile: string;
}

/**
 * An ssh_config(5) for people and for Ansible: `ssh -F FILE NODE`, `scp -F FILE …`. Host keys are always checked.
 * Throws a TypeError for a value that cannot stand in the format (a newline, or a double quote in a path).
 */
export function renderSshConfig(targets: readonly SshTarget[], options: SshConfigOptions): string {
  const blocks = targets.map((target) =>
    [`Host ${hostPattern(target.name)}`, ...settings(target, options)].join('\n  '),
  );
  return `${blocks.join('\n\n')}\n`;
}

/** What `knownHostsFile` holds: the pinned keys of the targets by name, whatever address and port they are reached at. */
export function renderKnownHosts(targets: readonly SshTarget[]): string {
  return targets
    .flatMap(({ name, hostKeys }) =>
      hostKeys.kind === 'pinned' ? hostKeys.keys.map((key) => `${plain(name)} ${typeAndKey(key)}\n`) : [],
    )
    .join('');
}

function settings(target: SshTarget, options: SshConfigOptions): readonly string[] {
  const { hostKeys, identity } = target;
  const lines = [`HostName ${tokens(plain(target.address))}`, `Port ${target.port}`, `User ${argument(target.user)}`];
  if (identity.kind === 'file') lines.push(`IdentityFile ${path(identity.path)}`, 'IdentitiesOnly yes');
  switch (hostKeys.kind) {
    case 'pinned':
      // By name: nodes that are published on loopback share an address.
      lines.push(`HostKeyAlias ${plain(target.name)}`, 'StrictHostKeyChecking yes', 'CheckHostIP no');
      lines.push(`UserKnownHostsFile ${path(options.knownHostsFile)}`, 'GlobalKnownHostsFile /dev/null');
      break;
    case 'known-hosts':
      lines.push('StrictHostKeyChecking yes', `UserKnownHostsFile ${hostKeys.files.map(path).join(' ')}`);
      break;
    case 'trust-on-first-use':
      lines.push('StrictHostKeyChecking accept-new');
      lines.push(`UserKnownHostsFile ${[hostKeys.file, ...hostKeys.files].map(path).join(' ')}`);
      break;
  }
  return lines;
}

/** A pattern that matches this name only. */
function hostPattern(name: string): string {
  if (/[*?!]/.test(name)) throw new TypeError(`${JSON.stringify(name)} cannot name a host in ssh_config`);
  return plain(name);
}

function plain(word: string): string {
  if (!/^[^\s"'#,\\\p{Cc}]+$/u.test(word)) throw new TypeError(`${JSON.stringify(word)} cannot stand in ssh_config`);
  return word;
}

/** Quoted where needed. */
function argument(text: string): string {
  if (/["\p{Cc}]/u.test(text) || text === '') throw new TypeError(`${JSON.stringify(text)} cannot stand in ssh_config`);
  return /^[^\s#'\\]+$/.test(text) ? text : `"${text.replaceAll('\\', '\\\\')}"`;
}

function path(text: string): string {
  return argument(tokens(text));
}

/** `%` begins a token in file and host names ("%h") and is written twice. */
function tokens(text: string): string {
  return text.replaceAll('%', '%%');
}

function typeAndKey(line: string): string {
  return line.trim().split(/\s+/).slice(0, 2).map(plain).join(' ');
}
