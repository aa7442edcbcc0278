import { describe, expect, test } from 'vitest';
import { KubewrightError } from '../../../../src/core/errors.js';
import type { Known } from '../../../../src/core/step.js';
import { UnknownOutput } from '../../../../src/core/unknown-output.js';
import { findEtcd } from '../../../../src/engines/native/etcd/etcd-cluster.js';
import type { LookedAt } from '../../../../src/engines/native/facts-step.js';
import { MEMBER, machine, told } from './machines.js';

const HOSTS = ['a', 'b'].map((name) => ({ node: machine(name, 'etcd').node, view: { id: `${name}/facts` } }));

function seen(view: ReturnType<typeof machine>): Known<LookedAt> {
  return { kind: 'output', output: { kind: 'reached', view } };
}

const SILENT: Known<LookedAt> = {
  kind: 'output',
  output: { kind: 'unreachable', error: new KubewrightError('host-unreachable', 'no route to it') },
};

describe('etcd is found', () => {
  test('on any machine that has a member, silent ones or none', () => {
    const member = machine('b', 'etcd', MEMBER);
    const found = findEtcd(told({ 'a/facts': SILENT, 'b/facts': seen(member) }), HOSTS);
    expect(found).toEqual({ members: [member], ca: 'CA\n', begun: false });
  });

  test('nowhere where each machine says that it has none', () => {
    const states = { 'a/facts': seen(machine('a', 'etcd')), 'b/facts': seen(machine('b', 'etcd')) };
    expect(findEtcd(told(states), HOSTS)).toBeUndefined();
  });

  test('nowhere where its start was cut off, since that one is no member yet', () => {
    const begun = machine('a', 'etcd', { ...MEMBER, begun: 'a=https://10.0.0.1:2380' });
    expect(findEtcd(told({ 'a/facts': seen(begun), 'b/facts': seen(machine('b', 'etcd')) }), HOSTS)).toBeUndefined();
  });

  test('is not decided while a machine that may have it is silent', () => {
    const states = { 'a/facts': SILENT, 'b/facts': seen(machine('b', 'etcd')) };
    expect(() => findEtcd(told(states), HOSTS)).toThrow(/a: no route to it/);
  });

  test('is not known while a machine is yet to be made', () => {
    expect(() => findEtcd(told({ 'b/facts': seen(machine('b', 'etcd')) }), HOSTS)).toThrow(UnknownOutput);
  });
});
