import { KubewrightError } from '../../core/errors.js';
import { apiCandidates } from '../../engines/native/access.js';
import { controlPlaneUrl, hasBalancers, isControlPlane } from '../../engines/native/endpoint.js';
import { isMember } from '../../engines/native/found-cluster.js';
import { type ClientCredentials, type KubeClient, kubeClient } from '../../kube/client.js';
import { readAdminConf } from '../../kube/kubeconfig.js';
import type { KubeList, KubeNode } from '../../kube/objects.js';
import type { Cluster } from '../../model/cluster.js';
import type { ApiServerStatus } from '../results.js';
import { arrivals } from './arrivals.js';
import type { Look } from './look.js';

/** How each API server answered, and what one of those that do knows. Dispose of `open`'s client. */
export interface ApiAnswer {
  readonly servers: readonly ApiServerStatus[];
  readonly open?: OpenApi | undefined;
}

/** An API server that answers, and the nodes that it knows by name. */
export interface OpenApi {
  readonly client: KubeClient;
  readonly nodes: ReadonlyMap<string, KubeNode>;
}

/** Where an API server may be found; no URL where its machine does not exist or does not run. */
export interface ApiServer {
  readonly name: string;
  readonly urls: readonly string[];
}

/** The API servers of a cluster: what cluster.yaml names as its endpoint, then one a control plane. */
export function apiServersOf(
  cluster: Pick<Cluster, 'api'>,
  nodes: readonly Pick<Look, 'node' | 'existing'>[],
): readonly ApiServer[] {
  const own = nodes
    .filter(({ node }) => isControlPlane(node))
    .map(({ node, existing }) => ({
      name: node.name,
      urls:
        existing?.machine === undefined || existing.state === 'stopped'
          ? []
          : apiCandidates(existing.machine, cluster.api.port),
    }));
  return hasBalancers(cluster) ? own : [{ name: 'api.endpoint', urls: [controlPlaneUrl(cluster)] }, ...own];
}

/**
 * Asks all API servers at once, 4 s each, as soon as the first control plane has given its credentials. Others' are tried
 * only where a server refused these: they may have expired on one control plane and not on another.
 */
export async function askApiServers(
  looks: readonly Promise<Look>[],
  servers: readonly ApiServer[],
  signal: AbortSignal,
): Promise<ApiAnswer> {
  let answer: Asked = { servers: servers.map(unasked), refused: false };
  for await (const { view } of arrivals(looks)) {
    if (view === undefined || !isMember(view) || view.kubernetes.adminConf === undefined) continue;
    answer = await askAll(servers, readAdminConf(view.kubernetes.adminConf).credentials, signal);
    if (answer.open !== undefined || !answer.refused) break;
  }
  return answer;
}

interface Asked extends ApiAnswer {
  readonly refused: boolean;
}

function unasked({ name, urls }: ApiServer): ApiServerStatus {
  const error = urls.length === 0 ? NOT_RUNNING : 'no control plane gives credentials to ask it with';
  return { name, server: urls[0], answers: false, error };
}

async function askAll(
  servers: readonly ApiServer[],
  credentials: ClientCredentials,
  signal: AbortSignal,
): Promise<Asked> {
  const tries = await Promise.all(servers.map((server) => askOne(server, credentials, signal)));
  let open: OpenApi | undefined;
  for (const { client } of tries) {
    if (client !== undefined && open === undefined) open = await opened(client, signal);
    if (client !== open?.client) client?.[Symbol.dispose]();
  }
  return { servers: tries.map(({ status }) => status), open, refused: tries.some(({ refused }) => refused) };
}

interface Try {
  readonly status: ApiServerStatus;
  /** Of a server that answers. */
  readonly client?: KubeClient;
  readonly refused: boolean;
}

/** Its URLs are tried one beside the other; the first in order that answers counts. */
async function askOne(server: ApiServer, credentials: ClientCredentials, signal: AbortSignal): Promise<Try> {
  if (server.urls.length === 0) return { status: unasked(server), refused: false };
  const clients = server.urls.map((url) => kubeClient({ server: url, credentials, timeoutMs: API_MS }));
  // Read through etcd: an API server that has lost it is of no use.
  const proofs = await Promise.allSettled(
    clients.map((client) => client.get('/api/v1/namespaces/kube-system', signal)),
  );
  if (signal.aborted) throw signal.reason;
  const winner = proofs.findIndex(({ status }) => status === 'fulfilled');
  clients.forEach((client, at) => {
    if (at !== winner) client[Symbol.dispose]();
  });
  const client = clients[winner];
  if (client !== undefined) {
    return { status: { name: server.name, server: client.server, answers: true }, client, refused: false };
  }
  const errors = proofs.flatMap((proof) => (proof.status === 'rejected' ? [proof.reason as unknown] : []));
  return {
    status: { name: server.name, server: server.urls[0], answers: false, error: reason(errors[0]) },
    refused: errors.some((error) => error instanceof KubewrightError && error.code === 'api-refused'),
  };
}

async function opened(client: KubeClient, signal: AbortSignal): Promise<OpenApi | undefined> {
  try {
    const list = await client.get<KubeList<KubeNode>>('/api/v1/nodes', signal);
    return { client, nodes: new Map(list?.items.map((node) => [node.metadata.name, node])) };
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}

/** The URL stands beside it. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^The API server \S+ (?:could not be reached: )?/, '');
}

const NOT_RUNNING = 'its machine does not run';
const API_MS = 4_000;
