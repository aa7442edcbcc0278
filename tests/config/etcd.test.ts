import { describe, expect, test } from 'vitest';
import { clusterOf, hintsOf, hosts, local, problemsOf, warningsOf } from './problems.js';

/** One control plane, one worker and these pools, each on a line from line 7. */
function beside(...pools: readonly string[]): string {
  return local(
    `nodes:\n  control-plane: {count: 1}\n  workers: {count: 1}\n${pools.map((it) => `  ${it}\n`).join('')}`,
  );
}

describe('machines for etcd', () => {
  test('are those of the pool of that name, and of every other that says so', () => {
    expect(clusterOf(beside('etcd: {count: 1}', 'store: {count: 2, roles: [etcd]}')).nodes.slice(2)).toMatchObject([
      { name: 'etcd-1', roles: ['etcd'], labels: {}, taints: [] },
      { name: 'store-1', roles: ['etcd'], taints: [] },
      { name: 'store-2', roles: ['etcd'], taints: [] },
    ]);
  });

  test('a pool called etcd may be something else', () => {
    expect(clusterOf(beside('etcd: {count: 2, roles: [worker]}')).nodes.at(-1)?.roles).toEqual(['worker']);
  });

  test.each(['[etcd, worker]', '[control-plane, etcd]'])('%s is more than etcd', (roles) => {
    expect(problemsOf(beside(`x: {count: 2, roles: ${roles}, labels: {a: b}}`))).toEqual([
      '7:24 nodes.x.roles: etcd stands alone: such machines are no Kubernetes nodes',
    ]);
  });

  test.each([2, 4])('%d of them are even', (count) => {
    const text = beside(`etcd: {count: ${count}}`);
    expect(problemsOf(text)).toEqual([`7:17 the number of machines for etcd must be odd, got ${count}`]);
    expect(hintsOf(text)[0]).toContain(`Take ${count - 1} or ${count + 1}: etcd needs a majority`);
  });

  test('a pool without one is not the same as none', () => {
    expect(problemsOf(beside('etcd: {count: 0}'))).toEqual(['7:17 the number of machines for etcd must be odd, got 0']);
    expect(hintsOf(beside('etcd: {count: 0}'))).toEqual([
      'Take 1 or 3, or take the pool out: etcd then runs on the control planes.',
    ]);
    const listed = 'nodes:\n  control-plane: {hosts: [{name: a, address: 10.0.0.1}]}\n  etcd: {hosts: []}\n';
    expect(problemsOf(hosts(listed))).toEqual(['6:17 the number of machines for etcd must be odd, got 0']);
  });

  test('nine of them are more than is good, which is a warning', () => {
    expect(warningsOf(beside('etcd: {count: 9}'))).toEqual(['7:17 9 machines are more than etcd is good with']);
    expect(warningsOf(beside('etcd: {count: 7}'))).toEqual([]);
  });

  test.each(['labels: {a: b}', 'taints: ["a:NoExecute"]'])('have no %s', (field) => {
    const name = field.split(':')[0];
    expect(problemsOf(beside(`etcd: {count: 1, ${field}}`))).toEqual([
      `7:20 nodes.etcd: ${name} are for Kubernetes nodes, and machines for etcd are none`,
    ]);
  });

  test('may have none of them in so many words', () => {
    expect(problemsOf(beside('etcd: {count: 1, labels: {}, taints: []}'))).toEqual([]);
  });
});

describe('with machines for etcd', () => {
  test('control planes need no majority: any number of them will do', () => {
    const text = (count: number) => local(`nodes: {control-plane: {count: ${count}}, w: {count: 1}, etcd: {count: 3}}`);
    expect(problemsOf(text(2))).toEqual([]);
    expect(warningsOf(text(9))).toEqual([]);
    expect(problemsOf(text(0))).toEqual(['4:1 the cluster has no control plane']);
  });

  test('workloads have no more room than before', () => {
    expect(warningsOf(local('nodes: {control-plane: {count: 1}, etcd: {count: 1}}'))).toEqual([
      '4:1 no node takes ordinary workloads: each has a taint that keeps them away',
    ]);
  });

  test('the network of pods holds as many nodes as before', () => {
    const text = `${beside('etcd: {count: 3}')}network: {podCidr: 10.244.0.0/23}\n`;
    expect(problemsOf(text)).toEqual([]);
  });
});

describe("etcd's ports", () => {
  const machines = (cp: number, etcd: number) =>
    hosts(
      `nodes:\n  control-plane: {hosts: [{name: a, address: 10.0.0.1, port: ${cp}}]}\n  etcd: {hosts: [{name: b, address: 10.0.0.2, port: ${etcd}}]}\n`,
    );

  test('are not for the SSH server of a machine that runs etcd', () => {
    expect(problemsOf(machines(2379, 2380))).toEqual([
      '6:53 nodes.etcd.hosts[0].port: 2380 belongs to etcd on this machine',
    ]);
  });

  test('are not where every machine is told to have its SSH server either', () => {
    const text = hosts('nodes: {control-plane: {hosts: [{name: a, address: 10.0.0.1}]}}', '{port: 2379}');
    expect(problemsOf(text)).toEqual(['3:26 nodes.control-plane.hosts[0].port: 2379 belongs to etcd on this machine']);
  });
});
