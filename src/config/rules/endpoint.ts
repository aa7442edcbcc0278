import { contains, formatIpv4, parseCidr, parseIpv4 } from '../../model/cidr.js';
import { formatPath, type Problem } from '../problem.js';
import type { Config } from '../schema/v1alpha1.js';
import { addressesOf } from './machines.js';
import { withRole } from './members.js';
import type { Rule } from './rule.js';

export const virtualIpNeedsHosts: Rule = {
  about: 'A virtual IP goes with the provider `hosts`.',
  check: ({ api, provider }) => {
    if (provider.local === undefined || endpointHost(api)?.field !== 'virtualIp') return [];
    const path = ['api', 'endpoint', 'virtualIp'];
    const message = 'api.endpoint: virtualIp cannot be used with the provider local';
    return [{ severity: 'error', path, at: 'key', message, hint: NODE_LOCAL, because: [path, ['provider']] }];
  },
};

export const virtualIpIsFree: Rule = {
  about: 'The virtual IP is the address of no machine.',
  check: ({ api }, nodes) => {
    const endpoint = endpointHost(api);
    if (endpoint?.field !== 'virtualIp') return [];
    const owner = addressesOf(nodes).find(({ address }) => address === parseIpv4(endpoint.host));
    if (owner === undefined) return [];
    const path = ['api', 'endpoint', 'virtualIp'];
    const message = `${formatPath(path)}: ${formatPath(owner.path)} is ${endpoint.host} already`;
    const hint = 'Take a free address of the same network: it moves from one control plane to another.';
    return [{ severity: 'error', path, at: 'value', message, hint, because: [path, owner.path] }];
  },
};

export const endpointOutsideOfNetworks: Rule = {
  about: 'The address in `api.endpoint` lies neither in `network.podCidr` nor in `network.serviceCidr`.',
  check: ({ api, network }) =>
    (['podCidr', 'serviceCidr'] as const).flatMap((name): readonly Problem[] => {
      const { field = '', host = '' } = endpointHost(api) ?? {};
      const [address, cidr] = [parseIpv4(host), parseCidr(network[name])];
      if (address === undefined || cidr === undefined || !contains(cidr, address)) return [];
      const path = ['api', 'endpoint', field];
      const message = `${formatPath(path)}: ${formatIpv4(address)} lies in network.${name}, ${network[name]}`;
      const hint = 'Take an address of the network that the control planes are in.';
      return [{ severity: 'error', path, at: 'value', message, hint, because: [path, ['network', name]] }];
    }),
};

export const loadBalancerIsApart: Rule = {
  about: 'A load balancer that is one of several control planes is warned about.',
  check: ({ api }, nodes) => {
    const endpoint = endpointHost(api);
    const controlPlanes = withRole(nodes, 'control-plane');
    if (endpoint?.field !== 'loadBalancer' || controlPlanes.length < 2) return [];
    const same = controlPlanes.find(({ host }) =>
      [host?.address, host?.internalAddress].some((one) => one?.toLowerCase() === endpoint.host.toLowerCase()),
    );
    if (same === undefined) return [];
    const path = ['api', 'endpoint', 'loadBalancer'];
    const message = `${formatPath(path)}: ${endpoint.host} is one of the control planes, ${same.node.name}: the API is lost with it`;
    return [{ severity: 'warning', path, at: 'value', message, hint: NODE_LOCAL, because: [path, same.path] }];
  },
};

const NODE_LOCAL = 'Leave api.endpoint out: every node then has a load balancer of its own.';

/** What the endpoint names, and in which field; undefined for `node-local`. */
function endpointHost({ endpoint }: Config['api']) {
  if (endpoint === 'node-local') return undefined;
  return 'loadBalancer' in endpoint
    ? ({ field: 'loadBalancer', host: endpoint.loadBalancer.host } as const)
    : ({ field: 'virtualIp', host: endpoint.virtualIp } as const);
}
