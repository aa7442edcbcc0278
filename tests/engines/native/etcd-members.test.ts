import { describe, expect, test } from 'vitest';
import { KubewrightError } from '../../../src/core/errors.js';
import {
  assertQuorumWithout,
  type EtcdMember,
  parseMembers,
  quorumOf,
} from '../../../src/engines/native/etcd-members.js';

/* What etcdctl 3.6.8 prints, with three members of which the third is down, and one that was added and never started. */

const LIST =
  '{"header":{"cluster_id":2913366030318788266,"member_id":3544609687393156342,"raft_term":2},"members":[' +
  '{"ID":3544609687393156342,"name":"control-plane-1","peerURLs":["https://172.18.0.2:2380"],"clientURLs":["https://172.18.0.2:2379"]},' +
  '{"ID":13803658152347727308,"name":"control-plane-2","peerURLs":["https://172.18.0.3:2380"],"clientURLs":["https://172.18.0.3:2379"]},' +
  '{"ID":10279317510067679315,"name":"control-plane-3","peerURLs":["https://172.18.0.4:2380"],"clientURLs":["https://172.18.0.4:2379"]},' +
  '{"ID":8211489105372283111,"peerURLs":["https://172.18.0.5:2380"],"isLearner":true}]}';
const HEALTH =
  '[{"endpoint":"https://127.0.0.1:2379","health":true,"took":"5.345475ms"},' +
  '{"endpoint":"https://172.18.0.2:2379","health":true,"took":"2.686525ms"},' +
  '{"endpoint":"https://172.18.0.3:2379","health":true,"took":"3.047383ms"},' +
  '{"endpoint":"https://172.18.0.4:2379","health":false,"took":"3.000824207s","error":"context deadline exceeded"}]';

describe('what etcdctl prints', () => {
  test('is read with ids beyond what a number holds exactly', () => {
    const ids = parseMembers(`${LIST}\n${HEALTH}\n`).map(({ id }) => id);
    expect(ids).toEqual(['3130fbbb047a3cf6', 'bf9071f4639c75cc', '8ea778d031097053', '71f511d5c2b480e7']);
    expect(BigInt(`0x${ids[1]}`)).toBe(13803658152347727308n);
  });

  test('tells who is healthy, who is not and why, and who has never started', () => {
    expect(parseMembers(`${LIST}\n${HEALTH}\n`)).toMatchObject([
      { name: 'control-plane-1', healthy: true, learner: false, error: undefined },
      { name: 'control-plane-2', healthy: true, peerUrls: ['https://172.18.0.3:2380'] },
      { name: 'control-plane-3', healthy: false, error: 'context deadline exceeded' },
      { name: '', healthy: false, learner: true, clientUrls: [], error: 'it has never started' },
    ]);
  });

  test('of an etcd that says nothing of health leaves nobody healthy', () => {
    expect(parseMembers(LIST).map(({ healthy }) => healthy)).toEqual([false, false, false, false]);
  });
});

const member = (name: string, healthy = true, learner = false): EtcdMember => ({
  ...{ id: name, name, peerUrls: [], clientUrls: [], learner, healthy },
  error: healthy ? undefined : 'context deadline exceeded',
});

test.each([
  ['one', [member('a')], { voters: 1, healthy: 1, needed: 1 }],
  ['three', [member('a'), member('b'), member('c')], { voters: 3, healthy: 3, needed: 2 }],
  ['four', [member('a'), member('b', false), member('c'), member('d')], { voters: 4, healthy: 3, needed: 3 }],
  ['a learner beside two', [member('a'), member('b'), member('c', true, true)], { voters: 2, healthy: 2, needed: 2 }],
])('of %s the voters count', (_, members, expected) => {
  expect(quorumOf(members)).toEqual(expected);
});

describe('members are taken out', () => {
  const refusal = (members: readonly EtcdMember[], ...leaving: readonly string[]) => {
    try {
      assertQuorumWithout(members, new Set(leaving));
      return undefined;
    } catch (error) {
      if (error instanceof KubewrightError && error.code === 'quorum-lost') return error.message;
      throw error;
    }
  };
  const three = [member('a'), member('b'), member('c')];

  test.each<[string, readonly EtcdMember[], readonly string[]]>([
    ['one of three healthy ones', three, ['c']],
    ['two of three, the third of which is healthy', three, ['b', 'c']],
    ['the one of three that is down', [member('a'), member('b'), member('c', false)], ['c']],
    ['one that is no member', [member('a'), member('b', false), member('c', false)], ['workers-1']],
    ['a learner of a cluster that is not well', [member('a'), member('b', false), member('c', true, true)], ['c']],
  ])('where the rest has a majority: %s', (_, members, leaving) => {
    expect(refusal(members, ...leaving)).toBeUndefined();
  });

  test('and not where the rest would have none, which is told with the numbers and the reasons', () => {
    expect(refusal([member('a'), member('b'), member('c', false)], 'a')).toBe(
      'Without a, 1 of 2 etcd members would be healthy, and 2 are needed\n  c: context deadline exceeded',
    );
    expect(
      refusal([member('a'), member('b'), member('c', false), member('d', false), member('e', false)], 'a', 'b'),
    ).toContain('Without a, b, 0 of 3 etcd members would be healthy, and 2 are needed');
    // A learner is no help: it does not vote yet.
    expect(refusal([member('a'), member('b', false), member('c', true, true)], 'a')).toContain('0 of 1');
  });

  test('and not the last that holds the data', () => {
    expect(refusal([member('a')], 'a')).toBe("a holds all of etcd: without it the cluster's data are gone");
  });
});
