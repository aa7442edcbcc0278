import { randomBytes, randomInt } from 'node:crypto';

/** A bootstrap token, "abcdef.0123456789abcdef". Source: Kubernetes' bootstrap token format, [a-z0-9]{6}.[a-z0-9]{16}. */
export function newBootstrapToken(): string {
  const word = (length: number) => Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return `${word(6)}.${word(16)}`;
}

/** The key that encrypts the shared certificates while control planes fetch them: 32 bytes as hex, what `kubeadm certs certificate-key` makes. */
export function newCertificateKey(): string {
  return randomBytes(32).toString('hex');
}

/** The Secret that makes a token valid for an hour, with the rights that `kubeadm token create` gives. */
export function bootstrapTokenSecret(token: string, now: Date): object {
  const [id, value] = token.split('.');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'bootstrap.kubernetes.io/token',
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    stringData: {
      description: 'kubewright: nodes joining',
      'token-id': id,
      'token-secret': value,
      expiration: new Date(now.getTime() + TOKEN_LIFETIME_MS).toISOString(),
      'usage-bootstrap-authentication': 'true',
      'usage-bootstrap-signing': 'true',
      'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token',
    },
  };
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const TOKEN_LIFETIME_MS = 3600_000;
