import { describe, expect, test } from 'vitest';
import { type HostCondition, problemsOf } from '../../../src/engines/native/preflight-rules.js';

const worker: HostCondition = {
  node: { name: 'w1', pool: 'workers', roles: ['worker'], labels: {}, taints: [] },
  address: '10.0.0.12',
  systemd: true,
  arch: 'amd64',
  kernel: '6.1.0-18-amd64',
  memoryBytes: 4e9,
  cpus: 2,
  diskFreeBytes: 50e9,
  swap: false,
  container: false,
  listening: new Set([22]),
  addresses: new Set(['127.0.0.1', '10.0.0.12']),
  nameservers: ['10.0.0.2'],
  clockSkewMs: 12,
  joined: false,
  controlPlane: false,
  unfinished: false,
  foreignEtcd: false,
  externalEtcd: false,
  apiPort: 6443,
  balancerPort: 7443,
  artifactsMounted: false,
};
const controlPlane: HostCondition = { ...worker, node: { ...worker.node, name: 'cp1', roles: ['control-plane'] } };

describe('preflight', () => {
  test('finds nothing wrong with a good host', () => {
    expect(problemsOf(worker)).toEqual([]);
    expect(problemsOf(controlPlane)).toEqual([]);
  });

  test.each<[string, Partial<HostCondition>, string]>([
    ['a host without systemd', { systemd: false }, 'systemd is not the init system'],
    ['a 32-bit host', { arch: 'armv7l' }, 'its architecture is armv7l'],
    ['an old kernel', { kernel: '4.18.0-553.el8' }, 'its kernel 4.18.0-553.el8 is older than 5.13'],
    ['a kernel just too old', { kernel: '5.12.19' }, 'older than 5.13'],
    ['too little memory', { memoryBytes: 512e6 }, 'it has 488 MiB of memory; a worker needs 667 MiB'],
    ['a full disk', { diskFreeBytes: 1e9 }, 'only 953 MiB are free on the disk of /var/lib; 4096 MiB are needed'],
    ['swap', { swap: true }, 'swap is on'],
    ['a taken kubelet port', { listening: new Set([10250]) }, 'port 10250 is in use by something else'],
    ['an address that is not its own', { address: '1.2.3.4' }, '1.2.3.4 is on none of its interfaces'],
    ['no usable resolver', { nameservers: [] }, 'no name server that pods could use'],
    ['a clock two minutes ahead', { clockSkewMs: 120_000 }, "its clock is 120 s ahead of this machine's"],
    ['a clock two minutes behind', { clockSkewMs: -120_000 }, "its clock is 120 s behind this machine's"],
  ])('refuses %s and says what to do', (_, difference, text) => {
    const problems = problemsOf({ ...worker, ...difference });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.host).toBe('w1');
    expect(problems[0]?.text).toContain(text);
    expect(problems[0]?.fix).not.toBe('');
  });

  test('tells all problems of a host at once', () => {
    expect(problemsOf({ ...worker, swap: true, kernel: '3.10.0', nameservers: [] })).toHaveLength(3);
  });

  test('asks for two CPUs only of a control plane', () => {
    expect(problemsOf({ ...worker, cpus: 1 })).toEqual([]);
    expect(problemsOf({ ...controlPlane, cpus: 1 })[0]?.text).toBe('it has 1 CPU; a control plane needs 2');
  });

  test("names the API's port, etcd's and kubelet's when they are taken on a new control plane", () => {
    const listening = new Set([22, 6443, 2379, 10250]);
    expect(problemsOf({ ...controlPlane, listening })[0]?.text).toBe(
      'port 6443, 2379, 10250 is in use by something else',
    );
  });

  test('takes ports for its own on a host that is a member, or was left half-done', () => {
    const listening = new Set([6443, 10250]);
    expect(problemsOf({ ...controlPlane, listening, joined: true, controlPlane: true })).toEqual([]);
    expect(problemsOf({ ...controlPlane, listening, unfinished: true })).toEqual([]);
  });

  test("lets a container have its machine's swap", () => {
    expect(problemsOf({ ...worker, swap: true, container: true })).toEqual([]);
  });

  test('asks less room of a host whose artifacts are mounted or that has them already', () => {
    expect(problemsOf({ ...worker, diskFreeBytes: 2e9, artifactsMounted: true })).toEqual([]);
    expect(problemsOf({ ...worker, diskFreeBytes: 5e8, joined: true })).toEqual([]);
  });
});
