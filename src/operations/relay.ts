import { isWarning, relayLine } from '../kube/relay/events.js';
import type { TunnelStatus } from '../kube/tunnel/control-client.js';
import { TUNNEL_IDLE_MS } from '../kube/tunnel/exec-credential.js';
import { tunnelPlaces } from '../kube/tunnel/places.js';
import { type ServeEnd, serveTunnel } from '../kube/tunnel/serve.js';
import { statePaths } from '../state/paths.js';

/** The tunnel as it runs in the background: says in lines what happens, and ends when nobody needs it. */
export function relay(
  cluster: string,
  options: {
    readonly signal: AbortSignal;
    readonly say: (line: string) => void;
    readonly onReady: (status: TunnelStatus) => void;
  },
): Promise<ServeEnd> {
  const { signal, say, onReady } = options;
  return serveTunnel(tunnelPlaces(statePaths(cluster)), {
    idleMs: TUNNEL_IDLE_MS,
    signal,
    onEvent: (event) => say(`${isWarning(event) ? 'warning: ' : ''}${relayLine(event)}`),
    onReady,
  });
}
