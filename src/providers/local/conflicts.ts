import { KubewrightError } from '../../core/errors.js';
import { claimsOn } from './claims.js';
import type { Containers } from './containers.js';
import { readClusterKey } from './keys.js';
import { containerName } from './labels.js';
import type { LocalRun } from './local-run.js';
import { needRoomFor, wantedSubnet } from './subnet.js';

/**
 * Refuses, before anything is made, what could not end well: names that others have, a cluster of that name that is
 * not ours, a subnet that is taken. Errors: `name-taken`, `cluster-of-another`, `subnet-taken`, `subnet-too-small`.
 */
export async function refuseConflicts(run: LocalRun, signal: AbortSignal): Promise<void> {
  const containers = await run.containers(signal);
  refuseTakenNames(run, containers);
  await refuseOthersCluster(run, containers);
  if (await run.isRunning(signal)) return;
  const network = await run.network(signal);
  const { subnet } = run.spec;
  if (subnet === undefined || network !== undefined || containers.nodes.size > 0) return;
  needRoomFor(run.cluster.nodes.length, wantedSubnet(subnet, await claimsOn(run, signal)));
}

function refuseTakenNames({ cluster, spec }: LocalRun, { others }: Containers): void {
  const taken = cluster.nodes.flatMap(({ name: node }) => {
    const name = containerName(cluster.name, node);
    const whose = others.get(name);
    return whose === undefined ? [] : [{ node, name, whose }];
  });
  if (taken.length === 0) return;
  const message = taken.map(
    ({ node, name, whose }) => `The name ${name}, which node ${node} would have, is taken by ${whose}`,
  );
  throw new KubewrightError('name-taken', message.join('\n'), {
    ...(taken.length === 1 ? { host: taken[0]?.node } : {}),
    hint: `Give the cluster another name, or remove: ${spec.engine ?? 'docker'} rm -f ${taken.map(({ name }) => name).join(' ')}`,
  });
}

async function refuseOthersCluster(run: LocalRun, { nodes }: Containers): Promise<void> {
  const { cluster, context } = run;
  const made = cluster.nodes.flatMap(({ name }) => nodes.get(name) ?? []);
  if (made.length === 0) return;
  const key = await readClusterKey(context.stateDirectory);
  const strange = made.find(({ clientKey }) => clientKey !== key?.fingerprint);
  if (strange === undefined) return;
  const which = key === undefined ? 'has no key for it' : `has another key (${key.fingerprint})`;
  throw new KubewrightError(
    'cluster-of-another',
    `A cluster ${cluster.name} exists that was not made from here: ${strange.name} lets in the key ${strange.clientKey}, and ${context.stateDirectory} ${which}`,
    { hint: 'Give this cluster another name, or remove the existing one: kubewright down' },
  );
}
