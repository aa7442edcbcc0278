import { KubewrightError } from '../core/errors.js';
import type { ClientCredentials } from './client.js';
import { type KubeClient, kubeClient } from './client.js';
import { readAdminConf } from './kubeconfig.js';

/** The way to a cluster's API that was seen to work. */
export interface ApiAccess {
  readonly client: KubeClient;
  readonly server: string;
  readonly credentials: ClientCredentials;
}

/**
 * Tries the candidate URLs one beside the other and takes the first in order that answers a request with the
 * admin's credentials and a certificate that verifies. Errors: `api-unreachable`, naming what each candidate said.
 */
export async function proveAccess(
  adminConf: string,
  candidates: readonly string[],
  signal: AbortSignal,
): Promise<ApiAccess> {
  const { credentials } = readAdminConf(adminConf);
  const clients = candidates.map((server) => kubeClient({ server, credentials, timeoutMs: PROOF_TIMEOUT_MS }));
  // The winner is decided by order, not by speed, so that a second run writes the same kubeconfig.
  const proofs = await Promise.allSettled(clients.map((client) => client.get('/version', signal)));
  const winner = proofs.findIndex(({ status }) => status === 'fulfilled');
  clients.forEach((client, index) => {
    if (index !== winner) client[Symbol.dispose]();
  });
  const client = clients[winner];
  if (client !== undefined) return { client, server: client.server, credentials };
  const reasons = proofs.map((proof) => (proof.status === 'rejected' ? String(proof.reason?.message) : ''));
  throw new KubewrightError(
    'api-unreachable',
    `No address of the API server answers from here:\n${reasons.join('\n')}`,
    {
      hint: 'Is a firewall between this machine and the control plane? `kubewright ssh` still reaches the host itself.',
      retryable: true,
    },
  );
}

const PROOF_TIMEOUT_MS = 5_000;
