import * as z from 'zod';
import { isIpv6 } from '../../model/cidr.js';
import { internalAddress, machineAddress } from './address-checks.js';
import * as check from './checks.js';
import { type Check, text } from './fields.js';

/** Where the API is reached. */
export const endpoint = z
  .union(
    [
      z.literal('node-local'),
      z.strictObject({
        loadBalancer: text('HOST or HOST:PORT', loadBalancerProblem, {
          about:
            'A load balancer that exists, in front of port `api.port` of all control planes. Its port by default: `api.port`.',
          examples: ['api.example.com', '10.0.1.5:443'],
        }).transform(readLoadBalancer),
      }),
      z.strictObject({
        virtualIp: text('an IPv4 address', internalAddress, {
          about:
            'A free address of the network that the control planes are in. One of them holds it at a time (keepalived).',
          examples: ['10.0.1.10'],
        }),
        interface: text('the name of a network interface', check.networkInterface, {
          about: 'The network interface that takes it. Default: found out on each control plane.',
          examples: ['eth0'],
        }).optional(),
      }),
    ],
    'expected node-local, {loadBalancer: HOST[:PORT]} or {virtualIp: ADDRESS, interface: NAME}',
  )
  .default('node-local')
  .describe(
    'Where nodes and people reach the API, whichever control planes live: `node-local`, every node has a small load balancer of its own in front of all API servers; `{loadBalancer: HOST[:PORT]}`, one that exists; `{virtualIp: ADDRESS, interface: NAME}`, an address that one of the control planes holds at a time. A virtual IP is for the provider `hosts`.',
  )
  .meta({ default: 'node-local' });

/** What `loadBalancer` names. */
export interface LoadBalancer {
  readonly host: string;
  readonly port?: number | undefined;
}

function loadBalancerProblem(text: string): ReturnType<Check> {
  const { host, port = 1 } = readLoadBalancer(text);
  if (host === '' || (/[:@/]/.test(host) && !isIpv6(host))) return 'is neither HOST nor HOST:PORT';
  if (port < 1 || port > 65535) return `has the port ${port}: expected one from 1 to 65535`;
  return host.startsWith('127.') ? 'is a loopback address, which no other machine can reach' : machineAddress(host);
}

/** The load balancer that a text is for which there is no problem. */
function readLoadBalancer(text: string): LoadBalancer {
  const [, host = text, port] = /^([^:]*):(\d+)$/.exec(text) ?? [];
  return port === undefined ? { host } : { host, port: Number(port) };
}
