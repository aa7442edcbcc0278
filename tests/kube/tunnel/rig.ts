import { onTestFinished } from 'vitest';
import type { RelayEvent } from '../../../src/kube/relay/events.js';
import { writeCredentials, writeServers } from '../../../src/kube/tunnel/access-files.js';
import type { TunnelStatus } from '../../../src/kube/tunnel/control-client.js';
import { type TunnelPlaces, tunnelPlaces } from '../../../src/kube/tunnel/places.js';
import { type ServeEnd, type ServeOptions, serveTunnel } from '../../../src/kube/tunnel/serve.js';
import { type FakeApiServer, startApiServer } from '../../rig/api-server.js';
import type { Pki } from '../../rig/pki.js';
import { temporaryState } from '../../state/folder.js';

/** A cluster "demo" of this test's own with two API servers, as `up` leaves its tunnel behind. */
export async function preparedTunnel(pki: Pki) {
  const paths = temporaryState();
  const servers = await Promise.all(['a', 'b'].map((name) => startApiServer(name, pki)));
  for (const server of servers) onTestFinished(() => server[Symbol.asyncDispose]());
  const places = tunnelPlaces(paths);
  await keepServers(places, pki, servers);
  await writeCredentials(places, pki.admin);
  return { paths, places, servers };
}

/** As `up` does when control planes came or went. */
export function keepServers(places: TunnelPlaces, pki: Pki, servers: readonly FakeApiServer[]): Promise<boolean> {
  return writeServers(places, { ca: pki.ca, servers: servers.map(({ server }) => server) });
}

/** Runs the tunnel in this process until the test ends. */
export async function serve(places: TunnelPlaces, options: Partial<ServeOptions> = {}) {
  const events: RelayEvent[] = [];
  const abort = new AbortController();
  let ended: Promise<ServeEnd> | undefined;
  const status = await new Promise<TunnelStatus | undefined>((resolve, reject) => {
    ended = serveTunnel(places, {
      signal: abort.signal,
      onEvent: (event) => events.push(event),
      onReady: resolve,
      ...options,
    });
    ended.then(() => resolve(undefined), reject);
  });
  if (ended === undefined) throw new Error('it was not started');
  const end = ended;
  onTestFinished(async () => {
    abort.abort();
    await end;
  });
  return { status, events, end, abort };
}
