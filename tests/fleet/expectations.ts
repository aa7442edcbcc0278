import { expect } from 'vitest';
import { isControlPlane } from '../../src/engines/native/endpoint.js';
import type { Fleet, FleetResult } from '../rig/fake-hosts/fleet.js';

/** That the run ended well, with all that went wrong in it where it did not. */
export function expectDone(result: FleetResult): void {
  const failures = [...result.outcomes].flatMap(([id, { error }]) =>
    error === undefined ? [] : [`${id}: ${error.message} ${error.output.join(' ')}`],
  );
  expect([result.result, ...failures]).toEqual(['done']);
}

/** That there is one cluster of exactly these nodes, made without doing anything twice. */
export function expectOneCluster(fleet: Fleet, without: readonly string[] = []): void {
  const { world } = fleet;
  const nodes = fleet.cluster.nodes.filter(({ name }) => !without.includes(name));
  const controlPlanes = nodes.filter(isControlPlane).map(({ name }) => name);
  expect(world.count('etcd begun')).toBe(1);
  const [cluster] = world.clusters;
  expect([...(cluster?.nodes.keys() ?? [])].sort()).toEqual(nodes.map(({ name }) => name).sort());
  expect(cluster?.members.map(({ name, learner }) => `${name}${learner ? ' (learner)' : ''}`).sort()).toEqual(
    [...controlPlanes].sort(),
  );
  for (const { name } of nodes) {
    const machine = fleet.machine(name);
    expect(machine.disk.exists('/var/lib/kubewright/init-begun'), `${name} has an init-begun`).toBe(false);
    expect(machine.disk.exists('/var/lib/kubewright/join-begun'), `${name} has a join-begun`).toBe(false);
  }
}

/** That another run finds nothing to do, with one script a host. */
export async function expectNothingLeft(fleet: Fleet, run: Parameters<Fleet['up']>[0] = {}): Promise<void> {
  const result = await fleet.up(run);
  expectDone(result);
  const changed = [...result.outcomes].filter(([, { state }]) => state === 'changed').map(([id]) => id);
  expect(changed).toEqual([]);
  const costly = [...result.traffic].filter(([, { scripts }]) => scripts > 1);
  expect(costly).toEqual([]);
}
