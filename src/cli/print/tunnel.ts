import type { TunnelResult } from '../../operations/results.js';
import { count } from '../../ui/amounts.js';
import type { Paint } from '../../ui/theme.js';
import { table } from './table.js';

type Tunnel = NonNullable<TunnelResult['tunnel']>;

/** Where a tunnel listens and which servers it knows; of one that ended, that it did. */
export function printTunnel({ cluster, action, tunnel }: TunnelResult, paint: Paint): string {
  if (tunnel === undefined) {
    if (action === 'run') return `${cluster}: the tunnel has ended.`;
    return action === 'stop' ? `${cluster}: no tunnel ran.` : `${paint.bold(cluster)}: no tunnel runs.`;
  }
  const { pid, port, connections } = tunnel;
  if (action === 'stop') return `${cluster}: the tunnel on port ${port} has ended (process ${pid}).`;
  return [
    `${paint.bold(cluster)}: 127.0.0.1:${port}, process ${pid}, ${count(connections, 'connection')}`,
    '',
    table([
      ['SERVER', 'ADDRESS', 'STATE', 'CONNECTIONS'].map(paint.dim),
      ...tunnel.servers.map((server) => serverRow(server, paint)),
    ]),
  ].join('\n');
}

function serverRow(server: Tunnel['servers'][number], paint: Paint): readonly string[] {
  const { name, host, port, state, why, preferred, connections } = server;
  const shown = { ready: paint.green('ready'), failing: paint.red(`failing: ${why}`), unknown: 'not asked yet' }[state];
  return [name, `${host}:${port}`, shown, preferred ? `${connections}, new ones go there` : String(connections)];
}
