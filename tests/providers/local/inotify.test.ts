import { expect, test } from 'vitest';
import type { NodeSpec, Role } from '../../../src/model/cluster.js';
import { neededInstances } from '../../../src/providers/local/inotify.js';

function nodes(role: Role, count: number): readonly NodeSpec[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{ name: `${role}-${at}`, pool: role, roles: [role], labels: {}, taints: [] },
  }));
}

test('three nodes fit into the default limit of 128, three control planes with four workers do not', () => {
  expect(neededInstances([...nodes('control-plane', 1), ...nodes('worker', 2)], 0)).toBeLessThan(128);
  expect(neededInstances([...nodes('control-plane', 3), ...nodes('worker', 4)], 0)).toBeGreaterThan(128);
});

test('nodes of other clusters count, too', () => {
  const three = [...nodes('control-plane', 1), ...nodes('worker', 2)];
  expect(neededInstances(three, 5)).toBeGreaterThan(128);
});
