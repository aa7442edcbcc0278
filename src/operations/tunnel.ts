import { KubewrightError } from '../core/errors.js';
import { usesPlugin } from '../kube/kubeconfig.js';
import { kubeconfigPath, mergeIntoFile, readKubeconfig } from '../kube/kubeconfig-file.js';
import { isWarning, relayLine } from '../kube/relay/events.js';
import { tunnelAbsent } from '../kube/tunnel/absent.js';
import { readCredentials, readPort, readServers, writePort } from '../kube/tunnel/access-files.js';
import { askTunnel } from '../kube/tunnel/control-client.js';
import { ensureTunnel } from '../kube/tunnel/ensure.js';
import { tunnelEntry } from '../kube/tunnel/entry.js';
import { type TunnelPlaces, tunnelPlaces } from '../kube/tunnel/places.js';
import { serveTunnel } from '../kube/tunnel/serve.js';
import { stopTunnel } from '../kube/tunnel/stop.js';
import { cliFile } from '../package.js';
import { statePaths } from '../state/paths.js';
import type { Operator } from './operator.js';
import type { TunnelResult } from './results.js';
import { clusterOf } from './workspace.js';

export interface TunnelRequest {
  readonly file: string;
  /** By name, without a config file. */
  readonly cluster?: string;
  /** `run`: here, until the operator stops it. `start`: in the background. */
  readonly action: 'run' | 'start' | 'stop' | 'status';
  /** `run` and `start`: the port to listen on from now on. */
  readonly port?: number;
  /** With a new port: the kubeconfig whose context is to have it. */
  readonly kubeconfig?: string;
}

/**
 * The tunnel of a cluster: a port of this machine that is the API server, whichever control planes live. One runs a
 * cluster at a time. Errors: `tunnel-absent`, `tunnel-port-taken`, `tunnel-failed`.
 */
export async function tunnel(request: TunnelRequest, operator: Operator): Promise<TunnelResult> {
  const cluster = request.cluster ?? (await clusterOf(request.file)).name;
  const places = tunnelPlaces(statePaths(cluster));
  const { action } = request;
  if (action === 'status') return { cluster, action, tunnel: await askTunnel(places, 'status') };
  if (action === 'stop') return { cluster, action, tunnel: await stopTunnel(places) };
  if ((await readServers(places)) === undefined) throw tunnelAbsent(cluster);
  if (request.port !== undefined) await changePort(places, request.port, request.kubeconfig, operator);
  if (action === 'start') return { cluster, action, tunnel: await ensureTunnel(places, cliFile()) };
  return run(places, operator);
}

async function run(places: TunnelPlaces, { emit, stop }: Operator): Promise<TunnelResult> {
  const { cluster } = places;
  const say = (text: string, level: 'info' | 'warning' = 'info') => emit({ type: 'note', level, text });
  const end = await serveTunnel(places, {
    signal: stop,
    onEvent: (event) => say(relayLine(event), isWarning(event) ? 'warning' : 'info'),
    onReady: ({ port }) => say(`${cluster}: listening on 127.0.0.1:${port}; Ctrl-C ends it`),
  });
  return { cluster, action: 'run', tunnel: end.why === 'already' ? end.status : undefined };
}

/** The port is part of the context, so both change together; a tunnel on the old one ends. */
async function changePort(
  places: TunnelPlaces,
  port: number,
  kubeconfig: string | undefined,
  { emit }: Operator,
): Promise<void> {
  if ((await readPort(places)) === port) return;
  if (port > 65535) throw new KubewrightError('usage', `there is no port ${port}: the last one is 65535`);
  await stopTunnel(places);
  await writePort(places, port);
  const [list, credentials] = await Promise.all([readServers(places), readCredentials(places)]);
  const path = await kubeconfigPath(kubeconfig);
  if (list === undefined || credentials === undefined || !usesPlugin(await readKubeconfig(path), places.cluster))
    return;
  await mergeIntoFile(path, tunnelEntry(places.cluster, port, { ca: list.ca, ...credentials }, cliFile()), false);
  emit({ type: 'note', level: 'info', text: `context ${places.cluster} in ${path} goes to port ${port} now` });
}
