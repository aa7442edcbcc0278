import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { askTunnel, type TunnelStatus } from './control-client.js';
import { controlSocket, type TunnelPlaces } from './places.js';

/** Ends the cluster's tunnel with all its connections and waits until it is gone; undefined where none ran. */
export async function stopTunnel(places: TunnelPlaces): Promise<TunnelStatus | undefined> {
  const status = await askTunnel(places, 'stop');
  const deadline = performance.now() + END_MS;
  while (performance.now() < deadline && (await askTunnel(places, 'status')) !== undefined) await sleep(20);
  return status;
}

/** Takes the socket away that a tunnel left which was killed: outside of the state folder nobody else would. */
export async function removeControlSocket(places: TunnelPlaces): Promise<void> {
  await rm(controlSocket(places), { force: true });
}

const END_MS = 3000;
