import type { Machine } from '../provider.js';
import type { NodeContainer } from './containers.js';
import { PAYLOAD_DIRECTORY } from './node-paths.js';

/** How a node that runs in this container is reached. `identity` is the cluster's private key file. */
export function machineOf(
  container: Pick<NodeContainer, 'node' | 'address' | 'hostKey' | 'ports'>,
  options: { readonly identity: string; readonly apiPort: number },
): Machine {
  const { node, address, hostKey, ports } = container;
  const ssh = ports.get(SSH_PORT);
  const api = ports.get(options.apiPort);
  return {
    name: node,
    address,
    ssh: {
      name: node,
      address: ssh === undefined ? address : LOOPBACK,
      port: ssh ?? SSH_PORT,
      user: 'root',
      identity: { kind: 'file', path: options.identity },
      hostKeys: { kind: 'pinned', keys: [hostKey] },
      bootMs: BOOT_MS,
    },
    payloadDirectory: PAYLOAD_DIRECTORY,
    ...(api === undefined ? {} : { api: { host: LOOPBACK, port: api } }),
  };
}

/** Of a machine that somebody started a moment ago; one that kubewright starts is waited for before. */
const BOOT_MS = 10_000;
export const SSH_PORT = 22;
/** Where ports are published: nowhere that another machine could reach. */
export const LOOPBACK = '127.0.0.1';
