import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { KubewrightError } from '../../core/errors.js';
import { clustersDirectory, statePaths } from '../../state/paths.js';
import { readPort, writePort } from './access-files.js';
import { type TunnelPlaces, tunnelPlaces } from './places.js';

/** The port of a cluster's tunnel: the one that was chosen for it, else one that is free now, kept from then on. */
export async function tunnelPort(places: TunnelPlaces): Promise<number> {
  const known = await readPort(places);
  if (known !== undefined) return known;
  const port = await freePort(places);
  await writePort(places, port);
  return port;
}

/** Another program has the port of a tunnel. */
export function portTaken(cluster: string, port: number): KubewrightError {
  return new KubewrightError(
    'tunnel-port-taken',
    `The tunnel of cluster ${cluster} needs port ${port} of this machine, and another program listens there`,
    {
      hint: `Choose another port: kubewright tunnel --cluster ${cluster} --detach --port PORT. It is written into your kubeconfig, too.`,
    },
  );
}

/**
 * Below the ports that systems hand out for outgoing connections (32768 and up on Linux, 49152 elsewhere), so that
 * none of those sits there when the tunnel starts, and apart from those of well-known services and of NodePorts.
 */
const FIRST = 21_000;
const COUNT = 8000;

/** Begins at a place of the cluster's own, so that two clusters hardly ever want the same one. */
async function freePort({ socket }: TunnelPlaces): Promise<number> {
  const taken = await portsOfOthers();
  const start = createHash('sha256').update(socket).digest().readUInt32BE() % COUNT;
  for (let step = 0; step < COUNT; step += 1) {
    const port = FIRST + ((start + step) % COUNT);
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new KubewrightError('tunnel-port-taken', `No port from ${FIRST} to ${FIRST + COUNT - 1} is free here`);
}

async function portsOfOthers(): Promise<ReadonlySet<number | undefined>> {
  const names = await readdir(clustersDirectory()).catch(() => []);
  // Beside the clusters' folders lie their locks; what cannot be read has no say.
  const ports = names.map(async (name) => readPort(tunnelPlaces(statePaths(name))));
  return new Set((await Promise.allSettled(ports)).map((it) => (it.status === 'fulfilled' ? it.value : undefined)));
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: '127.0.0.1', port }, () => probe.close(() => resolve(true)));
  });
}
