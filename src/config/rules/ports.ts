import { NODE_LOCAL_PORT } from '../../model/endpoint.js';
import type { PlacedNode } from '../nodes.js';
import { formatPath, type Problem } from '../problem.js';
import { withRole } from './members.js';
import type { Rule } from './rule.js';

export const freeApiPort: Rule = {
  about:
    '`api.port` is no port that a control plane needs for something else: SSH, etcd, the kubelet and other parts of Kubernetes, or NodePorts (30000 to 32767).',
  check: (config, nodes) => {
    const { port } = config.api;
    const user = userOf(port, nodes);
    if (user === undefined) return [];
    const message = `api.port: ${port} belongs to ${user} on a control plane`;
    return [{ severity: 'error', path: ['api', 'port'], at: 'value', message, hint: 'The usual one is 6443.' }];
  },
};

export const freeLoadBalancerPort: Rule = {
  about: `\`api.port\` is not ${NODE_LOCAL_PORT} with the endpoint \`node-local\`: every node's load balancer listens there.`,
  check: ({ api: { port, endpoint } }) => {
    if (port !== NODE_LOCAL_PORT || endpoint !== 'node-local') return [];
    const path = ['api', 'port'];
    const message = `api.port: ${port} belongs to the load balancer that every node has with api.endpoint: node-local`;
    const because = [path, ['api', 'endpoint']];
    return [{ severity: 'error', path, at: 'value', message, hint: 'The usual one is 6443.', because }];
  },
};

export const freeEtcdPorts: Rule = {
  about: 'No machine that runs etcd has its SSH server on a port of etcd: 2379 to 2381.',
  check: (_, nodes) => {
    const etcd = withRole(nodes, 'etcd');
    return (etcd.length > 0 ? etcd : withRole(nodes, 'control-plane')).flatMap(({ host, path }): readonly Problem[] => {
      if (host === undefined || PORTS[host.port] !== 'etcd') return [];
      const at = [...path, 'port'];
      const message = `${formatPath(at)}: ${host.port} belongs to etcd on this machine`;
      const because = [at, ['provider', 'hosts', 'port']];
      return [
        { severity: 'error', path: at, at: 'value', message, hint: 'Let its SSH server listen elsewhere.', because },
      ];
    });
  },
};

/** What listens on a control plane besides the API server (https://kubernetes.io/docs/reference/networking/ports-and-protocols/). */
const PORTS: Readonly<Record<number, string>> = {
  2379: 'etcd',
  2380: 'etcd',
  2381: 'etcd',
  10248: 'the kubelet',
  10249: 'kube-proxy',
  10250: 'the kubelet',
  10256: 'kube-proxy',
  10257: 'kube-controller-manager',
  10259: 'kube-scheduler',
};

function userOf(port: number, nodes: readonly PlacedNode[]): string | undefined {
  if (port >= 30000 && port <= 32767) return 'NodePort Services (30000 to 32767)';
  const sshPorts = nodes.filter(({ node }) => node.roles.includes('control-plane')).map(({ host }) => host?.port ?? 22);
  return sshPorts.includes(port) ? 'the SSH server' : PORTS[port];
}
