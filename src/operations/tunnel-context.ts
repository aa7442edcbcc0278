import { KubewrightError } from '../core/errors.js';
import { hasBalancers, isControlPlane } from '../engines/native/endpoint.js';
import { type ClientCredentials, kubeClient } from '../kube/client.js';
import type { KubeconfigEntry } from '../kube/kubeconfig.js';
import type { ApiServer } from '../kube/relay/dial.js';
import { readCredentials, readPort, readServers, writeCredentials, writeServers } from '../kube/tunnel/access-files.js';
import { tunnelEntry } from '../kube/tunnel/entry.js';
import { readExecCredential } from '../kube/tunnel/exec-credential.js';
import { type TunnelPlaces, tunnelPlaces } from '../kube/tunnel/places.js';
import { tunnelPort } from '../kube/tunnel/port.js';
import { untilFound } from '../kube/wait.js';
import type { Cluster } from '../model/cluster.js';
import { cliFile } from '../package.js';
import { statePaths } from '../state/paths.js';
import { runProgram } from '../transport/program.js';

/** What a context goes to: one API server (or whatever stands before them all), or this machine's tunnel to all of them. */
export type ContextForm = 'direct' | 'tunnel';

/**
 * Several control planes that no address of their own stands for are reached through a tunnel, which moves on when one of
 * them is down; everything else directly. Either can be asked for.
 */
export function contextForm(
  cluster: Cluster,
  wish: { readonly direct?: boolean | undefined; readonly tunnel?: boolean | undefined },
): ContextForm {
  if (wish.direct === true) return 'direct';
  if (wish.tunnel === true) return 'tunnel';
  return movesOn(cluster) ? 'tunnel' : 'direct';
}

/** Would a tunnel be of use, since there is more than one server and nothing stands before them? */
export function movesOn(cluster: Cluster): boolean {
  return hasBalancers(cluster) && cluster.nodes.filter(isControlPlane).length > 1;
}

/** What a tunnel needs to know. */
export interface TunnelAccess {
  readonly cluster: string;
  readonly credentials: ClientCredentials;
  readonly servers: readonly ApiServer[];
}

/** The context through the tunnel as it would be right now; undefined where something of it has to be written first. */
export async function currentTunnelContext(access: TunnelAccess): Promise<KubeconfigEntry | undefined> {
  const { cluster, credentials, servers } = access;
  const places = tunnelPlaces(statePaths(cluster));
  const [port, list, admin] = await Promise.all([
    readPort(places).catch(() => undefined),
    readServers(places).catch(() => undefined),
    readCredentials(places).catch(() => undefined),
  ]);
  const isCurrent =
    list?.ca === credentials.ca &&
    JSON.stringify(list.servers) === JSON.stringify(servers) &&
    admin?.certificate === credentials.certificate &&
    admin.key === credentials.key;
  return port !== undefined && isCurrent ? tunnelEntry(cluster, port, credentials, cliFile()) : undefined;
}

/** Writes what the tunnel needs, chooses its port if that was not done before, and gives the context that goes through it. */
export async function prepareTunnel({ cluster, credentials, servers }: TunnelAccess): Promise<KubeconfigEntry> {
  const places = tunnelPlaces(statePaths(cluster));
  await keepAccess(places, credentials, servers);
  return tunnelEntry(cluster, await tunnelPort(places), credentials, cliFile());
}

/**
 * Does what kubectl will do with the context: runs the program that it names, and sends a request with what that answers
 * through the tunnel that it started. Errors: `tunnel-failed` with what the program said, `timeout`.
 */
export async function proveTunnel(entry: KubeconfigEntry, signal: AbortSignal): Promise<void> {
  const { plugin, server, serverName, credentials } = entry;
  if (plugin === undefined) throw new Error('only a context through the tunnel has something to prove');
  const { code, stdout, stderr } = await runProgram(plugin.command, plugin.args, {
    signal,
    timeoutMs: PLUGIN_MS,
    env: plugin.env,
  });
  const answer = code === 0 ? readExecCredential(stdout) : undefined;
  if (answer === undefined) {
    throw new KubewrightError('tunnel-failed', `The tunnel to cluster ${entry.name} does not work: ${stderr.trim()}`);
  }
  using client = kubeClient({ server, serverName, credentials: { ca: credentials.ca, ...answer }, timeoutMs: 3000 });
  await untilFound('an API server to answer through the tunnel', PROOF_MS, signal, () =>
    client.get('/version', signal),
  );
}

const PLUGIN_MS = 15_000;
const PROOF_MS = 15_000;

async function keepAccess(
  places: TunnelPlaces,
  { ca, certificate, key }: ClientCredentials,
  servers: readonly ApiServer[],
): Promise<void> {
  await writeServers(places, { ca, servers });
  await writeCredentials(places, { certificate, key });
}
