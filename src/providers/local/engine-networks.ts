import { z } from 'zod';
import { KubewrightError } from '../../core/errors.js';
import { parseCidr } from '../../model/cidr.js';
import { callEngine, isAbsent, tryEngine } from './call-engine.js';
import type { Engine } from './engine.js';
import { engineFailure } from './engine-failure.js';
import { LABEL } from './labels.js';

/** A network of the engine. */
export interface EngineNetwork {
  readonly name: string;
  readonly subnets: readonly string[];
  /** The cluster that it was made for; undefined: not ours. */
  readonly cluster: string | undefined;
  /** Addresses of running containers on it. */
  readonly addresses: readonly string[];
  readonly mtu: string | undefined;
}

/** One network by its name; undefined when there is none. */
export async function findNetwork(
  engine: Engine,
  name: string,
  signal: AbortSignal,
): Promise<EngineNetwork | undefined> {
  const args = ['network', 'inspect', name];
  const result = await tryEngine(engine, args, { signal });
  if (isAbsent(result)) return undefined;
  if (result.code !== 0) throw engineFailure(engine.program, args, result);
  return parseNetworks(result.stdout)[0];
}

/** The network of that name when it is the cluster's; undefined when there is none. Errors: `name-taken`. */
export async function ownNetwork(
  engine: Engine,
  name: string,
  cluster: string,
  signal: AbortSignal,
): Promise<EngineNetwork | undefined> {
  const found = await findNetwork(engine, name, signal);
  if (found === undefined || found.cluster === cluster) return found;
  throw new KubewrightError('name-taken', `A network named ${name} exists and was not made for cluster ${cluster}`, {
    hint: `Give the cluster another name, or remove it: ${engine.program} network rm ${name}`,
  });
}

/** All networks of the engine. */
export async function allNetworks(engine: Engine, signal: AbortSignal): Promise<readonly EngineNetwork[]> {
  const names = (await callEngine(engine, ['network', 'ls', '--format', '{{.Name}}'], { signal })).split('\n');
  // One that vanishes between the two calls is no reason to fail: the others are told all the same.
  const result = await tryEngine(engine, ['network', 'inspect', ...names.filter((name) => name !== '')], { signal });
  return parseNetworks(result.stdout);
}

/** Its subnets in the form that they can be compared in. */
export function subnetsOf(network: EngineNetwork) {
  return network.subnets.flatMap((text) => parseCidr(text) ?? []);
}

const Labels = z.record(z.string(), z.string()).nullish();
const DockerNetwork = z
  .object({
    Name: z.string(),
    IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().optional() })).nullish() }),
    Containers: z.record(z.string(), z.object({ IPv4Address: z.string().optional() })).nullish(),
    Options: Labels,
    Labels,
  })
  .transform(
    (it): EngineNetwork => ({
      name: it.Name,
      subnets: (it.IPAM.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []),
      cluster: it.Labels?.[LABEL.cluster],
      addresses: Object.values(it.Containers ?? {}).map(({ IPv4Address = '' }) => IPv4Address.replace(/\/.*/, '')),
      mtu: it.Options?.[MTU],
    }),
  );
const PodmanNetwork = z
  .object({
    name: z.string(),
    subnets: z.array(z.object({ subnet: z.string() })).nullish(),
    labels: Labels,
    options: Labels,
  })
  .transform(
    (it): EngineNetwork => ({
      name: it.name,
      subnets: (it.subnets ?? []).map(({ subnet }) => subnet),
      cluster: it.labels?.[LABEL.cluster],
      addresses: [],
      mtu: it.options?.['mtu'],
    }),
  );
const Networks = z.array(z.union([DockerNetwork, PodmanNetwork]));

/** The option that carries a bridge's MTU. */
export const MTU = 'com.docker.network.driver.mtu';

function parseNetworks(json: string): readonly EngineNetwork[] {
  return Networks.parse(JSON.parse(json === '' ? '[]' : json));
}
