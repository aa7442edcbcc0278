import { parseCidr } from '../../model/cidr.js';
import type { Engine } from './engine.js';
import { type EngineNetwork, subnetsOf } from './engine-networks.js';
import { hostNetworks } from './host-networks.js';
import type { LocalRun } from './local-run.js';
import type { Claim } from './subnet.js';

/** Every network that the nodes' must not overlap with: the cluster's own, the engine's, and this machine's. */
export async function claimsOn(run: LocalRun, signal: AbortSignal): Promise<readonly Claim[]> {
  const engine = await run.engine(signal);
  const [networks, host] = await Promise.all([run.networks(signal), hostNetworks()]);
  return [...clusterClaims(run), ...networks.flatMap((network) => claimsOf(network, engine)), ...host];
}

function clusterClaims({ cluster }: LocalRun): readonly Claim[] {
  const { podCidr, serviceCidr } = cluster.network;
  return [
    { text: podCidr, by: "the cluster's own pods (network.podCidr)" },
    { text: serviceCidr, by: "the cluster's own services (network.serviceCidr)" },
  ].flatMap(({ text, by }) => {
    const cidr = parseCidr(text);
    return cidr === undefined ? [] : [{ cidr, by }];
  });
}

function claimsOf(network: EngineNetwork, { program }: Engine): readonly Claim[] {
  const of = network.cluster === undefined ? '' : ` of cluster ${network.cluster}`;
  return subnetsOf(network).map((cidr) => ({ cidr, by: `the network ${network.name}${of} (${program})` }));
}
