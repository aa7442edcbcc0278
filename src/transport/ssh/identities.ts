import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AnyAuthMethod, ParsedKey } from 'ssh2';
import { KubewrightError } from '../../core/errors.js';
import type { SshIdentity } from '../target.js';
import { type AgentKey, agentKeys } from './agent.js';
import { describePath } from './describe.js';
import { fingerprint, parsePublicKey } from './keys.js';
import { openKeyFile, UNLOCK_HINT, unusable } from './private-key.js';

/** A key that can be offered to sshd. */
export interface Identity {
  /** "~/.ssh/id_ed25519 (SHA256:…)": for messages. */
  readonly label: string;
  method(user: string): AnyAuthMethod;
}

export interface Identities {
  readonly keys: readonly Identity[];
  /** Why others are not offered: "~/.ssh/id_rsa: it is encrypted…". */
  readonly skipped: readonly string[];
}

/** Finds and unlocks the keys of an identity once, however many hosts they are for. */
export type IdentityLoader = (identity: SshIdentity) => Promise<Identities>;

/** A loader that remembers: a passphrase is asked for once, however many hosts want the key. */
export function createIdentityLoader(environment: NodeJS.ProcessEnv = process.env): IdentityLoader {
  const files = new Map<string, Promise<Identities>>();
  return (identity) => {
    if (identity.kind === 'default') return defaultIdentities(environment);
    const path = expandHome(identity.path);
    const loaded = files.get(path) ?? fileIdentity(path, identity.passphrase, environment);
    files.set(path, loaded);
    // What went wrong may be mended before the next try.
    loaded.catch(() => files.delete(path));
    return loaded;
  };
}

/** What all connections of this process share unless told otherwise. */
export const SHARED_IDENTITIES = createIdentityLoader();

/** ssh(1), "-i": ssh_config's order of preference, as far as ssh2 knows the types. */
const DEFAULT_FILES = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

async function defaultIdentities(environment: NodeJS.ProcessEnv): Promise<Identities> {
  const agent = await fromAgent(environment);
  const keys = agent.keys.map(agentIdentity);
  const skipped = [...agent.skipped];
  const offered = new Set(agent.keys.map(({ key }) => fingerprint(key.getPublicSSH())));
  for (const name of DEFAULT_FILES) {
    const path = join(homedir(), '.ssh', name);
    try {
      const file = await openKeyFile(path);
      if (file === undefined) continue;
      if (file.key === undefined) skipped.push(`${describePath(path)} is encrypted and not in the agent`);
      else if (!offered.has(fingerprint(file.key.getPublicSSH()))) keys.push(keyIdentity(path, file.key));
    } catch (error) {
      if (!(error instanceof KubewrightError)) throw error;
      skipped.push(error.message);
    }
  }
  return { keys, skipped };
}

async function fileIdentity(
  path: string,
  passphrase: (() => Promise<string>) | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<Identities> {
  const file = await openKeyFile(path);
  if (file === undefined) throw unusable(path, 'there is no such file');
  if (file.key !== undefined) return { keys: [keyIdentity(path, file.key)], skipped: [] };
  // An encrypted key that the agent holds too is used through it: nobody needs to be asked.
  const held = await inAgent(path, environment);
  if (held !== undefined) return { keys: [agentIdentity(held)], skipped: [] };
  if (passphrase === undefined) {
    throw unusable(path, 'it is encrypted and there is nobody to ask for its passphrase', UNLOCK_HINT);
  }
  return { keys: [keyIdentity(path, await file.unlock(passphrase))], skipped: [] };
}

async function inAgent(path: string, environment: NodeJS.ProcessEnv): Promise<AgentKey | undefined> {
  const line = await readFile(`${path}.pub`, 'utf8').catch(() => undefined);
  if (line === undefined) return undefined;
  const { keys } = await fromAgent(environment);
  try {
    const wanted = fingerprint(parsePublicKey(line));
    return keys.find(({ key }) => fingerprint(key.getPublicSSH()) === wanted);
  } catch {
    return undefined;
  }
}

async function fromAgent(
  environment: NodeJS.ProcessEnv,
): Promise<{ keys: readonly AgentKey[]; skipped: readonly string[] }> {
  const socket = environment['SSH_AUTH_SOCK'];
  if (!socket) return { keys: [], skipped: [] };
  try {
    return { keys: await agentKeys(socket), skipped: [] };
  } catch (error) {
    return { keys: [], skipped: [`the agent at ${socket}: ${error instanceof Error ? error.message : error}`] };
  }
}

function agentIdentity({ key, agent }: AgentKey): Identity {
  const comment = key.comment ? ` ${key.comment}` : '';
  return {
    label: `the agent's${comment} (${fingerprint(key.getPublicSSH())})`,
    method: (username) => ({ type: 'agent', username, agent }),
  };
}

function keyIdentity(path: string, key: ParsedKey): Identity {
  return {
    label: `${describePath(path)} (${fingerprint(key.getPublicSSH())})`,
    // @types/ssh2 forgets this member of the union that ssh2 documents.
    method: (username) => ({ type: 'publickey', username, key }) as unknown as AnyAuthMethod,
  };
}

function expandHome(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}
