import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatTaint,
  keyProblem,
  parseTaint,
  reservedLabelProblem,
  reservedTaintProblem,
  valueProblem,
} from '../../src/model/labels.js';

describe('the key of a label or taint', () => {
  test.each(['tier', 'A_b-c.9', 'example.com/tier', `${'a'.repeat(63)}`])('%j is fine', (key) => {
    expect(keyProblem(key)).toBeUndefined();
  });

  test.each([
    ['', 'is empty'],
    ['/a', 'has the prefix "", which is empty'],
    ['a/', 'has nothing after "/"'],
    ['a/b/c', 'may have only letters, digits, "-", "_" and "."'],
    ['Example.com/a', /^has the prefix "Example.com", which has the capital letter E/],
    ['-a', 'must begin and end with a letter or a digit'],
    ['a b', 'may have only letters, digits, "-", "_" and "."'],
    ['a'.repeat(64), 'has 64 characters where at most 63 are allowed'],
  ])('%j is refused', (key, problem) => {
    expect(keyProblem(key)).toMatch(problem);
  });
});

describe('the value of a label or taint', () => {
  test.each(['', 'a', '1', 'A_b-c.9'])('%j is fine', (value) => {
    expect(valueProblem(value)).toBeUndefined();
  });

  test.each(['a b', '-a', 'a-', 'ä', 'a/b', 'a'.repeat(64)])('%j is refused', (value) => {
    expect(valueProblem(value)).toBeDefined();
  });
});

describe('reserved keys', () => {
  test.each([
    'tier',
    'example.com/kubernetes.io',
    'notkubernetes.io/a',
    'node-role.kubernetes.io/storage',
    'node-restriction.kubernetes.io/team',
    'topology.kubernetes.io/zone',
    'node.kubernetes.io/instance-type',
  ])('the label %s may be set', (key) => {
    expect(reservedLabelProblem(key)).toBeUndefined();
  });

  test.each([
    'kubernetes.io/hostname',
    'kubernetes.io/arch',
    'beta.kubernetes.io/os',
    'node.kubernetes.io/windows-build',
    'kubelet.kubernetes.io/a',
    'k8s.io/a',
    'x.k8s.io/a',
  ])('the label %s belongs to Kubernetes', (key) => {
    expect(reservedLabelProblem(key)).toBe('is reserved for Kubernetes');
  });

  test('the role of a control plane follows from roles', () => {
    expect(reservedLabelProblem('node-role.kubernetes.io/control-plane')).toMatch(/roles of the pool/);
  });

  test('a taint that the node controllers manage is refused, a role is not', () => {
    expect(reservedTaintProblem('node.kubernetes.io/unreachable')).toBeDefined();
    expect(reservedTaintProblem('node-role.kubernetes.io/control-plane')).toBeUndefined();
  });
});

describe("kubectl's notation of a taint", () => {
  test.each([
    ['gpu=yes:NoSchedule', { key: 'gpu', value: 'yes', effect: 'NoSchedule' }],
    ['gpu:NoExecute', { key: 'gpu', effect: 'NoExecute' }],
    ['gpu=:NoExecute', { key: 'gpu', effect: 'NoExecute' }],
    ['a.b/c=d:PreferNoSchedule', { key: 'a.b/c', value: 'd', effect: 'PreferNoSchedule' }],
  ])('%s is read', (text, taint) => {
    expect(parseTaint(text)).toEqual(taint);
  });

  test.each(['gpu', 'gpu=yes', 'gpu:', ':NoSchedule', '=a:NoSchedule', 'a:b:c', ''])('%j is none', (text) => {
    expect(parseTaint(text)).toBeUndefined();
  });

  test('what is written reads back the same', () => {
    const name = fc.stringMatching(/^[a-z0-9./-]{1,20}$/);
    const taint = fc.record({ key: name, value: name, effect: name }, { requiredKeys: ['key', 'effect'] });
    fc.assert(
      fc.property(taint, (one) => {
        expect(parseTaint(formatTaint(one))).toEqual(one);
      }),
    );
  });
});
