import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../state/atomic-file.js';
import { fingerprint, generateKeyPair, parsePublicKey } from '../../transport/ssh/keys.js';

/** The key that the operator logs in to a cluster's nodes with. */
export interface ClusterKey {
  /** The private key file, 0600. */
  readonly path: string;
  /** "ssh-ed25519 AAAA… comment". */
  readonly publicKey: string;
  /** "SHA256:…" */
  readonly fingerprint: string;
}

/** The cluster's key in its state folder; undefined when there is none yet. */
export async function readClusterKey(stateDirectory: string): Promise<ClusterKey | undefined> {
  const path = clusterKeyPath(stateDirectory);
  try {
    const [publicKey] = await Promise.all([readFile(`${path}.pub`, 'utf8'), readFile(path)]);
    return describe(path, publicKey);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The same, made when there is none. The private half is written last: where it is, the key is whole. */
export async function ensureClusterKey(stateDirectory: string, cluster: string): Promise<ClusterKey> {
  const known = await readClusterKey(stateDirectory);
  if (known !== undefined) return known;
  const path = clusterKeyPath(stateDirectory);
  const { privateKey, publicKey } = generateKeyPair(`kubewright@${cluster}`);
  await rm(path, { force: true });
  await writeFileAtomically(`${path}.pub`, `${publicKey}\n`, { mode: 0o644 });
  await writeFileAtomically(path, privateKey, { mode: 0o600 });
  return describe(path, publicKey);
}

function describe(path: string, publicKey: string): ClusterKey {
  const line = publicKey.trim();
  return { path, publicKey: line, fingerprint: fingerprint(parsePublicKey(line)) };
}

/** Where the cluster's private key lies. */
export function clusterKeyPath(stateDirectory: string): string {
  return join(stateDirectory, 'id_ed25519');
}
