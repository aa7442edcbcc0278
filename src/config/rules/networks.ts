import { addressCount, contains, overlaps, parseCidr, parseIpv4 } from '../../model/cidr.js';
import type { Path, Problem } from '../problem.js';
import { formatPath } from '../problem.js';
import type { Config } from '../schema/v1alpha1.js';
import { withRole } from './members.js';
import type { Rule } from './rule.js';

export const separateNetworks: Rule = {
  about: '`network.podCidr`, `network.serviceCidr` and `provider.local.subnet` share no address.',
  check: (config) => {
    const networks = networksOf(config);
    return networks.flatMap((one, index) =>
      networks.slice(0, index).flatMap((other): readonly Problem[] => {
        const [a, b] = [parseCidr(one.cidr), parseCidr(other.cidr)];
        if (a === undefined || b === undefined || !overlaps(a, b)) return [];
        const names = `${formatPath(other.path)} and ${formatPath(one.path)}`;
        const message = `${names} overlap: ${other.cidr} and ${one.cidr}`;
        return [{ severity: 'error', path: one.path, at: 'value', message, because: [one.path, other.path] }];
      }),
    );
  },
};

export const resolversOutsideOfNetworks: Rule = {
  about: 'No address in `network.upstreamDns` lies in `network.podCidr` or `network.serviceCidr`.',
  check: ({ network }) =>
    network.upstreamDns.flatMap((resolver, index) =>
      (['podCidr', 'serviceCidr'] as const).flatMap((name): readonly Problem[] => {
        const [address, cidr] = [parseIpv4(resolver), parseCidr(network[name])];
        if (address === undefined || cidr === undefined || !contains(cidr, address)) return [];
        const path = ['network', 'upstreamDns', index];
        const message = `${formatPath(path)}: ${resolver} lies in network.${name}, ${network[name]}: the cluster would ask itself`;
        return [{ severity: 'error', path, at: 'value', message, because: [path, ['network', name]] }];
      }),
    ),
};

export const podNetworkHoldsNodes: Rule = {
  about: '`network.podCidr` has a /24 for every node.',
  check: ({ network }, nodes) => {
    const cidr = parseCidr(network.podCidr);
    const room = cidr === undefined ? 0 : addressCount(cidr) / 256;
    const count = nodes.length - withRole(nodes, 'etcd').length;
    if (count <= room) return [];
    const path = ['network', 'podCidr'];
    const message = `${formatPath(path)}: ${network.podCidr} has room for ${room} nodes, a /24 each, and there are ${count}`;
    const hint = `Take a /${24 - Math.ceil(Math.log2(count))} or a larger network.`;
    return [{ severity: 'error', path, at: 'value', message, hint, because: [path, ['provider']] }];
  },
};

export const localSubnetHoldsNodes: Rule = {
  about: '`provider.local.subnet` has an address for every node, and three besides.',
  check: ({ provider }, nodes) => {
    const cidr = parseCidr(provider.local?.subnet ?? '');
    const room = cidr === undefined ? Number.POSITIVE_INFINITY : addressCount(cidr) - 3;
    if (nodes.length <= room) return [];
    const path = ['provider', 'local', 'subnet'];
    const message = `${formatPath(path)}: ${provider.local?.subnet} has room for ${room} nodes, and there are ${nodes.length}`;
    const hint = `Take a /${32 - Math.ceil(Math.log2(nodes.length + 3))} or a larger network.`;
    return [{ severity: 'error', path, at: 'value', message, hint }];
  },
};

function networksOf(config: Config): readonly { readonly path: Path; readonly cidr: string }[] {
  const subnet = config.provider.local?.subnet;
  return [
    { path: ['network', 'podCidr'], cidr: config.network.podCidr },
    { path: ['network', 'serviceCidr'], cidr: config.network.serviceCidr },
    ...(subnet === undefined ? [] : [{ path: ['provider', 'local', 'subnet'], cidr: subnet }]),
  ];
}
