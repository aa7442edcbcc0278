import { isIPv6 } from 'node:net';
import { homedir } from 'node:os';
import type { SshTarget } from '../target.js';

/** "admin@10.0.1.5:22", "admin@[fd00::5]:22". */
export function describeTarget(target: SshTarget): string {
  return `${target.user}@${describeAddress(target)}`;
}

/** "10.0.1.5:22", "[fd00::5]:22". */
function describeAddress(target: { readonly address: string; readonly port: number }): string {
  return isIPv6(target.address) ? `[${target.address}]:${target.port}` : `${target.address}:${target.port}`;
}

/** "cp-1 (10.0.1.5:22)": a host in messages. */
export function describeHost(target: SshTarget): string {
  return `${target.name} (${describeAddress(target)})`;
}

/** A path of this machine as people write it: "~/.ssh/id_ed25519". */
export function describePath(path: string): string {
  const home = homedir();
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
