import { placedNodes } from './nodes.js';
import type { Problem } from './problem.js';
import * as controlPlanes from './rules/control-planes.js';
import * as machines from './rules/machines.js';
import * as networks from './rules/networks.js';
import { freeApiPort } from './rules/ports.js';
import * as provider from './rules/provider.js';
import type { Rule } from './rules/rule.js';
import { supportedVersion } from './rules/version.js';
import type { Config } from './schema/v1alpha1.js';

/** Every rule between fields, in the order of the reference. */
export const RULES: readonly Rule[] = [
  provider.oneProvider,
  provider.poolsFitProvider,
  provider.machinesAreListed,
  supportedVersion,
  controlPlanes.someControlPlane,
  controlPlanes.oddControlPlanes,
  controlPlanes.fewControlPlanes,
  controlPlanes.roomForWorkloads,
  machines.shortNodeNames,
  machines.uniqueNames,
  machines.uniqueAddresses,
  machines.reachableAddresses,
  networks.separateNetworks,
  machines.machinesOutsideOfNetworks,
  networks.resolversOutsideOfNetworks,
  networks.podNetworkHoldsNodes,
  networks.localSubnetHoldsNodes,
  freeApiPort,
];

/** Everything that a config breaks although each of its fields is fine. */
export function brokenRules(config: Config): readonly Problem[] {
  const nodes = placedNodes(config);
  return RULES.flatMap((rule) => rule.check(config, nodes));
}
