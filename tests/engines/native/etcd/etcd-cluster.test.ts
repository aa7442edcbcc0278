import { describe, expect, test } from 'vitest';
import { KubewrightError } from '../../../../src/core/errors.js';
import { UnknownOutput } from '../../../../src/core/unknown-output.js';
import { findEtcd } from '../../../../src/engines/native/etcd/etcd-cluster.js';
import { knownLooks } from '../views.js';
import { MEMBER, machine } from './machines.js';

const HOSTS = ['a', 'b'].map((name) => ({ node: machine(name, 'etcd').node, view: { id: `${name}/facts` } }));

const SILENT = new KubewrightError('host-unreachable', 'no route to it');

describe('etcd is found', () => {
  test('on any machine that has a member, silent ones or none', () => {
    const member = machine('b', 'etcd', MEMBER);
    const found = findEtcd(knownLooks({ a: SILENT, b: member }), HOSTS);
    expect(found).toEqual({ members: [member], ca: 'CA\n', begun: false });
  });

  test('nowhere where each machine says that it has none', () => {
    const states = { a: machine('a', 'etcd'), b: machine('b', 'etcd') };
    expect(findEtcd(knownLooks(states), HOSTS)).toBeUndefined();
  });

  test('nowhere where its start was cut off, since that one is no member yet', () => {
    const begun = machine('a', 'etcd', { ...MEMBER, begun: 'a=https://10.0.0.1:2380' });
    expect(findEtcd(knownLooks({ a: begun, b: machine('b', 'etcd') }), HOSTS)).toBeUndefined();
  });

  test('is not decided while a machine that may have it is silent', () => {
    const states = { a: SILENT, b: machine('b', 'etcd') };
    expect(() => findEtcd(knownLooks(states), HOSTS)).toThrow(/a: no route to it/);
  });

  test('is not known while a machine is yet to be made', () => {
    expect(() => findEtcd(knownLooks({ b: machine('b', 'etcd') }), HOSTS)).toThrow(UnknownOutput);
  });
});
