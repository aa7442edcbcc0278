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
  const clients = candidates.map((server) => kubeClient({ server, credentials }));
  // The winner is decided by order, not by speed, so that a second run writes the same kubeconfig.
  const proofs = await Promise.allSettled(clients.map((client) => prove(client, signal)));
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

/** With a shorter deadline than other requests have: candidates that swallow packets are no exception. */
async function prove(client: KubeClient, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(PROOF_TIMEOUT_MS);
  try {
    await client.get('/version', AbortSignal.any([signal, limit]));
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    const what = `The API server ${client.server} could not be reached: no answer within ${PROOF_TIMEOUT_MS / 1000} s`;
    throw new KubewrightError('api-unreachable', what, { cause: error, retryable: true });
  }
}

const PROOF_TIMEOUT_MS = 5_000;
