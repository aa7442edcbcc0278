import { connect } from 'node:net';
import type { RelayStatus } from '../relay/relay.js';
import { controlSocket, type TunnelPlaces } from './places.js';

/** `status`: how is it? `keep`: somebody is about to connect. `stop`: end. */
export type ControlCommand = 'status' | 'keep' | 'stop';

/** A tunnel that runs. */
export interface TunnelStatus extends RelayStatus {
  readonly cluster: string;
  readonly pid: number;
  readonly port: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
}

/** Gives a command to the cluster's tunnel; undefined where none runs, or where it does not answer within `timeoutMs`. */
export function askTunnel(
  places: TunnelPlaces,
  command: ControlCommand,
  timeoutMs = 2000,
): Promise<TunnelStatus | undefined> {
  const path = controlSocket(places);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ path });
    socket.setEncoding('utf8');
    socket.setTimeout(timeoutMs, () => socket.destroy());
    socket.once('connect', () => socket.write(`${JSON.stringify({ command })}\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    // No file: it never ran. Refused: it was killed, and left its socket.
    socket.on('error', () => {});
    socket.once('close', () => resolve(statusIn(text)));
  });
}

function statusIn(text: string): TunnelStatus | undefined {
  try {
    // Only our own tunnel can listen there: the folder is closed to others.
    const { status }: { status?: TunnelStatus } = JSON.parse(text);
    return status;
  } catch {
    return undefined;
  }
}
