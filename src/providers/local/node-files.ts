import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { chunksOf } from '../../artifacts/oci/segment.js';
import { type TarEntry, tarArchive } from '../../artifacts/oci/tar.js';
import { INIT_SCRIPT } from './init-script.js';
import { INIT_PATH, NODE_FACTS_PATH, RESOLVERS_PATH } from './node-paths.js';

export interface NodeIdentity {
  readonly cluster: string;
  readonly node: string;
  /** Names the node's folder in the store. */
  readonly instance: string;
  readonly seed: string;
  /** The private half of the node's only host key. */
  readonly hostKey: string;
  readonly hostPublicKey: string;
  /** The line of the one key that may log in. */
  readonly authorizedKey: string;
  readonly resolvers: readonly string[];
}

/** What makes a container of the node image this one node: a tar for `docker cp - NAME:/`, before its first start. */
export function nodeFiles(identity: NodeIdentity): Promise<Buffer> {
  const { cluster, node, instance, seed, hostKey, hostPublicKey, authorizedKey, resolvers } = identity;
  const facts = { CLUSTER: cluster, NODE: node, INSTANCE: instance, SEED: seed };
  const entries: readonly TarEntry[] = [
    { path: 'opt/kubewright', type: 'directory', mode: 0o755 },
    file(INIT_PATH, 0o755, INIT_SCRIPT),
    file(NODE_FACTS_PATH, 0o644, lines(Object.entries(facts).map(([name, value]) => `${name}=${value}`))),
    file(RESOLVERS_PATH, 0o644, lines(resolvers.map((address) => `nameserver ${address}`))),
    file('/etc/machine-id', 0o444, lines([randomBytes(16).toString('hex')])),
    file('/etc/ssh/sshd_config.d/10-kubewright.conf', 0o644, SSHD_CONFIG),
    file('/etc/ssh/ssh_host_ed25519_key', 0o600, hostKey),
    file('/etc/ssh/ssh_host_ed25519_key.pub', 0o644, lines([hostPublicKey])),
    { path: 'root/.ssh', type: 'directory', mode: 0o700 },
    file('/root/.ssh/authorized_keys', 0o600, lines([authorizedKey])),
  ];
  return buffer(chunksOf(tarArchive(entries)));
}

/** One host key, known before the first connection; root by key only; nothing that makes logging in slow. */
const SSHD_CONFIG = `# Made by kubewright
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
PrintMotd no
PrintLastLog no
`;

function file(path: string, mode: number, text: string): TarEntry {
  return { path: path.slice(1), type: 'file', mode, content: [Buffer.from(text)] };
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}
