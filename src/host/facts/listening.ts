import ipaddr from 'ipaddr.js';
import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

/** A TCP socket that listens. */
export interface Listening {
  readonly port: number;
  /** "0.0.0.0", "127.0.0.1", "::", "::1". */
  readonly address: string;
}

export const listening = defineProbe<readonly Listening[]>({
  name: 'listening ports',
  // State 0A is TCP_LISTEN (include/net/tcp_states.h). Kernels without IPv6 have no tcp6.
  script: sh`cat /proc/net/tcp /proc/net/tcp6 2> /dev/null | awk '$4 == "0A" { print $2 }'`,
  parse(output) {
    const sockets = new Map<string, Listening>();
    for (const line of output.split('\n')) {
      const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(line);
      if (match === null) continue;
      const [, hex = '', port = ''] = match;
      const socket = { port: Number.parseInt(port, 16), address: addressOf(hex) };
      sockets.set(`${socket.address} ${socket.port}`, socket);
    }
    return [...sockets.values()].sort((a, b) => a.port - b.port);
  },
});

/** The kernel prints each 32-bit word in the machine's own byte order, and every machine that is supported is little-endian. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].reverse());
  return ipaddr.fromByteArray(bytes).toString();
}
