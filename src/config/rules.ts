import { placedNodes } from './nodes.js';
import { isConsequence, type Path, type Problem } from './problem.js';
import * as controlPlanes from './rules/control-planes.js';
import * as endpoint from './rules/endpoint.js';
import * as etcd from './rules/etcd.js';
import * as machines from './rules/machines.js';
import * as networks from './rules/networks.js';
import * as ports from './rules/ports.js';
import * as provider from './rules/provider.js';
import type { Rule } from './rules/rule.js';
import { supportedVersion } from './rules/version.js';
import type { Config } from './schema/v1alpha1.js';

/** Rules that the others build on: whether there are nodes at all, and what they do. */
const FIRST_RULES: readonly Rule[] = [
  provider.oneProvider,
  provider.poolsFitProvider,
  provider.machinesAreListed,
  etcd.etcdStandsAlone,
];

const OTHER_RULES: readonly Rule[] = [
  supportedVersion,
  controlPlanes.someControlPlane,
  controlPlanes.oddControlPlanes,
  controlPlanes.fewControlPlanes,
  controlPlanes.roomForWorkloads,
  etcd.oddEtcd,
  etcd.fewEtcd,
  etcd.etcdIsNoNode,
  provider.exceptGoesWithCount,
  machines.shortNodeNames,
  machines.uniqueNames,
  machines.uniqueAddresses,
  machines.reachableAddresses,
  networks.separateNetworks,
  machines.machinesOutsideOfNetworks,
  networks.resolversOutsideOfNetworks,
  networks.podNetworkHoldsNodes,
  networks.localSubnetHoldsNodes,
  ports.freeApiPort,
  ports.freeLoadBalancerPort,
  ports.freeEtcdPorts,
  endpoint.virtualIpNeedsHosts,
  endpoint.virtualIpIsFree,
  endpoint.endpointOutsideOfNetworks,
  endpoint.loadBalancerIsApart,
];

/** Every rule between fields, in the order of the reference. */
export const RULES: readonly Rule[] = [...FIRST_RULES, ...OTHER_RULES];

/**
 * Everything that a config breaks although each of its fields is fine, mere consequences left out: of `unusable`
 * paths, where something stands in for a field that is wrong, and of the first rules.
 */
export function brokenRules(config: Config, unusable: readonly Path[] = []): readonly Problem[] {
  const nodes = placedNodes(config);
  const broken = (rules: readonly Rule[], causes: readonly Path[]) =>
    rules.flatMap((rule) => rule.check(config, nodes)).filter((problem) => !isConsequence(problem, causes));
  const first = broken(FIRST_RULES, unusable);
  return [...first, ...broken(OTHER_RULES, [...unusable, ...first.map(({ path }) => path)])];
}
