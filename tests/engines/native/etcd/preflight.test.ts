import { describe, expect, test } from 'vitest';
import { etcdProblems } from '../../../../src/engines/native/etcd/preflight.js';
import { MEMBER, machine } from './machines.js';

const RUNS = { joined: true, controlPlane: true };

function problems(...views: ReturnType<typeof machine>[]): readonly string[] {
  return etcdProblems(views, { nodes: views.map(({ node }) => node) }).map(({ host, text }) => `${host}: ${text}`);
}

describe('what up cannot change about etcd', () => {
  test('is nothing on new machines, nor where all is as it was', () => {
    expect(problems(machine('e', 'etcd'), machine('cp', 'control-plane'))).toEqual([]);
    const cp = machine('cp', 'control-plane', { ca: 'CA\n', servers: 'https://10.0.0.1:2379' }, RUNS);
    expect(problems(machine('e', 'etcd', MEMBER), cp)).toEqual([]);
  });

  test('is its place', () => {
    const stacked = machine('cp', 'control-plane', { ...MEMBER, servers: 'https://127.0.0.1:2379' }, RUNS);
    expect(problems(machine('e', 'etcd'), stacked)).toEqual([
      'cp: its cluster has etcd on the control planes, and cluster.yaml asks for machines of their own',
    ]);
    expect(problems(machine('cp', 'control-plane', { servers: 'https://10.0.0.1:2379' }, RUNS))).toEqual([
      'cp: its cluster has etcd on machines of their own, and cluster.yaml names none',
    ]);
    expect(problems(stacked)).toEqual([]);
  });

  test('is what a machine was made for', () => {
    expect(problems(machine('e', 'etcd', {}, { joined: true }))).toEqual([
      'e: it is a Kubernetes node, and cluster.yaml asks for a machine that runs only etcd',
    ]);
  });

  test('is the cluster that a member belongs to', () => {
    const cp = machine('cp', 'control-plane', { ca: 'CA\n', servers: 'https://10.0.0.1:2379' }, RUNS);
    const other = machine('x', 'etcd', { ...MEMBER, ca: 'another\n' });
    expect(problems(machine('e', 'etcd', MEMBER), other, cp)).toEqual([
      "x: its etcd is that of another cluster than cp's",
    ]);
    expect(problems(machine('e', 'etcd', MEMBER), machine('x', 'etcd', { ...other.etcd, begun: 'x' }), cp)).toEqual([]);
  });
});
