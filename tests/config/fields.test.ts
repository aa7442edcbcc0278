import { describe, expect, test } from 'vitest';
import { clusterOf, hintsOf, hosts, local, problemsOf } from './problems.js';

/** The one problem of a config, without its place. */
function problemOf(text: string): string | undefined {
  const problems = problemsOf(text);
  expect(problems.length).toBeLessThanOrEqual(1);
  return problems[0]?.replace(/^\d+:\d+ /, '');
}

function machine(fields: string): string {
  return hosts(`nodes: {control-plane: {hosts: [{name: a, address: 10.0.0.1, ${fields}}]}}\n`);
}

describe('the name of the cluster', () => {
  const named = (name: string) =>
    `apiVersion: kubewright/v1alpha1\nname: ${JSON.stringify(name)}\nprovider: {local: {}}\n`;

  test.each([
    ['$(reboot)', 'name: "$(reboot)" has "$": only lower-case letters a-z, digits and "-" are allowed'],
    ['a`b', 'name: "a`b" has "`": only lower-case letters a-z, digits and "-" are allowed'],
    ['../etc', 'name: "../etc" has ".": only lower-case letters a-z, digits and "-" are allowed'],
    ['a b', 'name: "a b" has a space: only lower-case letters a-z, digits and "-" are allowed'],
    ['a\nb', 'name: "a\\x0ab" has the character U+000A: only lower-case letters a-z, digits and "-" are allowed'],
    ['a'.repeat(41), `name: "${'a'.repeat(41)}" has 41 characters: at most 40 are allowed`],
    ['', 'name: "" is empty'],
  ])('cannot be %j', (name, problem) => {
    expect(problemOf(named(name))).toBe(problem);
  });

  test('can have 40 characters', () => {
    expect(clusterOf(named('a'.repeat(40))).name).toHaveLength(40);
  });
});

describe('names of pools and machines', () => {
  test('of a pool has no dot', () => {
    expect(problemOf(local('nodes: {control-plane: {count: 1}, a.b: {count: 1}}'))).toBe(
      'nodes: "a.b" has ".": only lower-case letters a-z, digits and "-" are allowed',
    );
  });

  test('of a machine may have dots but no shell metacharacters, and at most 63 characters', () => {
    const named = (name: string) =>
      hosts(`nodes: {control-plane: {hosts: [{name: ${JSON.stringify(name)}, address: 10.0.0.1}]}}`);
    expect(problemOf(named('node-1.example.com'))).toBeUndefined();
    expect(problemOf(named('node;reboot'))).toBe(
      'nodes.control-plane.hosts[0].name: "node;reboot" has ";": only lower-case letters a-z, digits, "-" and "." are allowed',
    );
    expect(problemOf(named('a.'.repeat(32)))).toContain('has 64 characters: at most 63 are allowed');
  });
});

describe('networks', () => {
  test.each([
    ['podCidr: 10.244.0.0', 'network.podCidr: "10.244.0.0" is no network: expected one like 10.244.0.0/16'],
    ['podCidr: 10.244.1.0/16', 'network.podCidr: "10.244.1.0/16" has bits set after its prefix'],
    [
      'podCidr: 10.244.0.0/25',
      'network.podCidr: "10.244.0.0/25" is a /25: expected /8 to /24, since every node gets a /24 of it',
    ],
    [
      'podCidr: 8.0.0.0/7',
      'network.podCidr: "8.0.0.0/7" is a /7: expected /8 to /24, since every node gets a /24 of it',
    ],
    ['podCidr: "fd00::/48"', 'network.podCidr: "fd00::/48" is IPv6: this version of kubewright is IPv4 only'],
    [
      'podCidr: "10.244.0.0/16,fd00::/48"',
      'network.podCidr: "10.244.0.0/16,fd00::/48" is more than one: this version of kubewright has no dual stack, expected one for IPv4',
    ],
    ['podCidr: 127.0.0.0/16', 'network.podCidr: "127.0.0.0/16" touches 127.0.0.0/8, which is loopback'],
    ['podCidr: 169.254.0.0/16', 'network.podCidr: "169.254.0.0/16" touches 169.254.0.0/16, which is link-local'],
    ['podCidr: 224.0.0.0/16', 'network.podCidr: "224.0.0.0/16" touches 224.0.0.0/4, which is multicast'],
    [
      'serviceCidr: 10.96.0.0/11',
      'network.serviceCidr: "10.96.0.0/11" is a /11: expected /12 to /28, since kube-apiserver takes nothing larger, kubeadm nothing smaller',
    ],
    [
      'serviceCidr: 10.96.0.0/29',
      'network.serviceCidr: "10.96.0.0/29" is a /29: expected /12 to /28, since kube-apiserver takes nothing larger, kubeadm nothing smaller',
    ],
    [
      'clusterDomain: Cluster.Local',
      'network.clusterDomain: "Cluster.Local" has the capital letter C: only lower-case letters a-z, digits, "-" and "." are allowed',
    ],
    ['upstreamDns: [8.8.8]', 'network.upstreamDns[0]: "8.8.8" is no IPv4 address: expected one like 10.0.1.11'],
    ['upstreamDns: ["::1"]', 'network.upstreamDns[0]: "::1" is IPv6: this version of kubewright is IPv4 only'],
    [
      'upstreamDns: [127.0.0.53]',
      'network.upstreamDns[0]: "127.0.0.53" is a loopback address, which for cluster DNS is itself: it would ask itself for ever',
    ],
    [
      'upstreamDns: [0.0.0.0]',
      'network.upstreamDns[0]: "0.0.0.0" lies in 0.0.0.0/8, which is reserved for "this network"',
    ],
    [
      'upstreamDns: [1.1.1.1, 1.0.0.1, 1.1.1.1]',
      'network.upstreamDns[2]: "1.1.1.1" stands in the list twice, first as entry 1',
    ],
    [
      'upstreamDns: [1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4]',
      'network.upstreamDns: expected at most 3 addresses (a resolv.conf holds no more), got a list',
    ],
  ])('%s is refused', (field, problem) => {
    expect(problemOf(local(`network: {${field}}`))).toBe(problem);
  });

  test('with host bits are told which network was meant', () => {
    expect(hintsOf(local('network: {podCidr: 10.244.1.0/16}'))).toEqual(['The network is 10.244.0.0/16.']);
  });

  test('at the limits are fine', () => {
    const network = 'network: {podCidr: 11.0.0.0/8, serviceCidr: 10.96.0.0/12, upstreamDns: [10.0.0.2]}';
    expect(clusterOf(local(network)).network).toMatchObject({ podCidr: '11.0.0.0/8', serviceCidr: '10.96.0.0/12' });
    expect(problemOf(local('network: {podCidr: 10.244.0.0/22, serviceCidr: 10.96.0.0/28}'))).toBeUndefined();
  });
});

describe('versions', () => {
  test.each([
    ['"1.36"', 'kubernetes.version: "1.36" lacks the third number, the patch release'],
    ['latest', 'kubernetes.version: "latest" is no version: expected one like 1.36.3'],
    [
      '1.37.0-rc.1',
      'kubernetes.version: "1.37.0-rc.1" is no plain release: pre-releases and builds of others are not installed',
    ],
    [
      '1.36.3+k3s1',
      'kubernetes.version: "1.36.3+k3s1" is no plain release: pre-releases and builds of others are not installed',
    ],
  ])('%s is refused', (version, problem) => {
    expect(problemOf(local(`kubernetes: {version: ${version}}`))).toBe(problem);
  });
});

describe('labels and taints', () => {
  const pool = (fields: string) => local(`nodes: {control-plane: {count: 1}, w: {count: 1, ${fields}}}`);

  test.each([
    ['labels: {-a: b}', 'nodes.w.labels: "-a" must begin and end with a letter or a digit'],
    ['labels: {a: "b c"}', 'nodes.w.labels.a: "b c" may have only letters, digits, "-", "_" and "."'],
    ['labels: {kubernetes.io/arch: x}', 'nodes.w.labels: "kubernetes.io/arch" is reserved for Kubernetes'],
    [
      'labels: {node-role.kubernetes.io/control-plane: ""}',
      'nodes.w.labels: "node-role.kubernetes.io/control-plane" follows from the roles of the pool and cannot be set as a label',
    ],
    [
      'taints: [{key: a b, effect: NoSchedule}]',
      'nodes.w.taints[0].key: "a b" may have only letters, digits, "-", "_" and "."',
    ],
    [
      'taints: [{key: a, value: b/c, effect: NoSchedule}]',
      'nodes.w.taints[0].value: "b/c" may have only letters, digits, "-", "_" and "."',
    ],
    [
      'taints: ["a b:NoSchedule"]',
      'nodes.w.taints[0]: "a b:NoSchedule" has the key "a b", which may have only letters, digits, "-", "_" and "."',
    ],
    [
      'taints: ["a=b/c:NoSchedule"]',
      'nodes.w.taints[0]: "a=b/c:NoSchedule" has the value "b/c", which may have only letters, digits, "-", "_" and "."',
    ],
    [
      'taints: ["node.kubernetes.io/not-ready:NoExecute"]',
      'nodes.w.taints[0]: "node.kubernetes.io/not-ready:NoExecute" has the key "node.kubernetes.io/not-ready", which is set and removed by Kubernetes itself, by the state of the node',
    ],
    [
      'taints: ["a=b:NoSchedule", {key: a, effect: NoSchedule}]',
      'nodes.w.taints[1]: "a:NoSchedule" stands in the list twice, first as entry 1',
    ],
    ['roles: [worker, worker]', 'nodes.w.roles[1]: "worker" stands in the list twice, first as entry 1'],
  ])('%s is refused', (fields, problem) => {
    expect(problemOf(pool(fields))).toBe(problem);
  });

  test('the labels that may be set are named', () => {
    expect(hintsOf(pool('labels: {kubernetes.io/arch: x}'))[0]).toContain('node-role.kubernetes.io/NAME');
  });

  test('both notations of a taint mean the same', () => {
    const fields =
      'labels: {tier: "", node-role.kubernetes.io/gpu: ""}, taints: ["gpu=yes:NoSchedule", {key: a, effect: NoExecute}, "b:PreferNoSchedule"]';
    expect(clusterOf(pool(fields)).nodes[1]).toEqual({
      name: 'w-1',
      pool: 'w',
      roles: ['worker'],
      labels: { tier: '', 'node-role.kubernetes.io/gpu': '' },
      taints: [
        { key: 'gpu', value: 'yes', effect: 'NoSchedule' },
        { key: 'a', effect: 'NoExecute' },
        { key: 'b', effect: 'PreferNoSchedule' },
      ],
    });
  });
});

describe('the API', () => {
  test.each([
    ['https://api.example.com', /^api\.extraNames\[0\]: .* has ":": only lower-case letters/],
    ['10.0.0.256', /is neither an IP address nor a DNS name$/],
    ['*.*.com', /has "\*"/],
  ])('has no further name %s', (name, problem) => {
    expect(problemOf(local(`api: {extraNames: ["${name}"]}`))).toMatch(problem);
  });

  test('has further names and addresses', () => {
    const names = ['api.example.com', '*.example.com', '203.0.113.10', 'fd00::10'];
    expect(clusterOf(local(`api: {extraNames: ${JSON.stringify(names)}}`)).api.extraNames).toEqual(names);
  });
});

describe('machines', () => {
  test.each([
    ['internalAddress: node-1', 'internalAddress: "node-1" is no IPv4 address: expected one like 10.0.1.11'],
    [
      'internalAddress: 127.0.0.1',
      'internalAddress: "127.0.0.1" is a loopback address, which no other machine can reach',
    ],
    ['user: "a b"', 'user: "a b" has a space: only letters, digits, "_", "-", "." and "@" are allowed'],
    ['user: -oProxyCommand', 'user: "-oProxyCommand" begins with "-"'],
    ['identityFile: ""', 'identityFile: "" is empty'],
    ['identityFile: ~bob/key', 'identityFile: "~bob/key" begins with the home of another user: only ~/ is understood'],
    ['identityFile: "a\\0b"', 'identityFile: "a\\x00b" has a control character in it'],
    ['sudoPassword: {file: ""}', 'sudoPassword.file: "" is empty'],
    [
      'hostKey: {pinned: [ssh-ed25519 AAAA]}',
      'hostKey.pinned[0]: "ssh-ed25519 AAAA" is cut or changed: its base64 is not that of such a key',
    ],
    [
      'hostKey: {pinned: [host ssh-ed25519 AAAA]}',
      'hostKey.pinned[0]: "host ssh-ed25519 AAAA" is no public host key: expected one like "ssh-ed25519 AAAA…", without the host in front',
    ],
    [
      'hostKey: {pinned: ["-----BEGIN OPENSSH PRIVATE KEY-----"]}',
      'hostKey.pinned[0]: "-----BEGIN OPENSSH PRIVATE KEY-----" is a private key',
    ],
  ])('%s is refused', (fields, problem) => {
    expect(problemOf(machine(fields))).toBe(`nodes.control-plane.hosts[0].${problem}`);
  });

  test.each([
    ['root@10.0.0.1', 'has "@" in it: the user belongs into the field `user`'],
    ['10.0.0.1:22', 'has a port in it: the port belongs into the field `port`'],
    ['fd00::1', 'is an IPv6 address: this version of kubewright connects over IPv4 only'],
    ['0.0.0.0', 'lies in 0.0.0.0/8, which is reserved for "this network"'],
    ['$(id).example.com', 'has "$": only lower-case letters a-z, digits, "-" and "." are allowed'],
  ])('are not reached at %s', (address, problem) => {
    const text = hosts(`nodes: {control-plane: {hosts: [{name: a, address: "${address}"}]}}`);
    expect(problemOf(text)).toBe(`nodes.control-plane.hosts[0].address: "${address}" ${problem}`);
  });

  test('keys of every usual kind can be pinned, with a comment or without', () => {
    const wire = (...parts: readonly (string | Buffer)[]) =>
      Buffer.concat(parts.map((part) => Buffer.concat([Buffer.from([0, 0, 0, part.length]), Buffer.from(part)])));
    const keys = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa'].map(
      (type) => `${type} ${wire(type, Buffer.alloc(32, 7)).toString('base64')} root@host`,
    );
    const cluster = clusterOf(machine(`hostKey: {pinned: ${JSON.stringify(keys)}}`));
    expect(cluster.nodes[0]?.host?.hostKey).toEqual({ kind: 'pinned', keys });
  });
});

describe('the provider local', () => {
  const provider = (fields: string) => `apiVersion: kubewright/v1alpha1\nname: demo\nprovider: {local: {${fields}}}\n`;

  test.each([
    [
      'subnet: 172.30.0.0/30',
      'provider.local.subnet: "172.30.0.0/30" is a /30: expected /8 to /29, since the machines and a gateway live in it',
    ],
    ['engine: containerd', 'provider.local.engine: expected docker or podman, got "containerd"'],
    ['image: "--privileged"', 'provider.local.image: "--privileged" is no reference of a container image'],
    ['image: "a b"', 'provider.local.image: "a b" is no reference of a container image'],
    ['image: ""', 'provider.local.image: "" is no reference of a container image'],
  ])('%s is refused', (fields, problem) => {
    expect(problemOf(provider(fields))).toBe(problem);
  });

  test.each([
    'debian:12',
    'localhost:5000/node',
    'registry.example.com:5000/team/node_1:v1.2',
    `node@sha256:${'a'.repeat(64)}`,
  ])('takes the image %s', (image) => {
    expect(clusterOf(provider(`image: "${image}"`)).provider).toEqual({ kind: 'local', image });
  });

  test('an image of a hundred thousand characters is refused at once', () => {
    const text = provider(`image: "${'a/'.repeat(50_000)}!"`);
    const started = performance.now();
    expect(problemOf(text)).toContain('is no reference of a container image');
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('mirrors', () => {
  test.each([
    [
      'dl.k8s.io: mirror.example.com',
      'artifacts.mirrors["dl.k8s.io"]: "mirror.example.com" is no URL: expected one like https://mirror.example.com/kubernetes',
    ],
    [
      'dl.k8s.io: "ftp://mirror.example.com"',
      'artifacts.mirrors["dl.k8s.io"]: "ftp://mirror.example.com" is no URL: expected one like https://mirror.example.com/kubernetes',
    ],
    [
      'dl.k8s.io: "https://u:p@mirror.example.com"',
      'artifacts.mirrors["dl.k8s.io"]: "https://u:p@mirror.example.com" has a user or a password in it, and the config is no place for secrets',
    ],
    [
      'dl.k8s.io: "https://mirror.example.com/?a=b"',
      'artifacts.mirrors["dl.k8s.io"]: "https://mirror.example.com/?a=b" has a query or a fragment, to which no path can be added',
    ],
    [
      '"https://dl.k8s.io": "https://mirror.example.com"',
      'artifacts.mirrors: "https://dl.k8s.io" has ":": only lower-case letters a-z, digits, "-" and "." are allowed',
    ],
  ])('%s is refused', (entry, problem) => {
    expect(problemOf(local(`artifacts: {mirrors: {${entry}}}`))).toBe(problem);
  });

  test('are base URLs without a slash at the end', () => {
    const text = local('artifacts: {source: upstream, mirrors: {dl.k8s.io: "http://127.0.0.1:8080/k8s//"}}');
    expect(clusterOf(text).artifacts).toEqual({
      source: 'upstream',
      mirrors: { 'dl.k8s.io': 'http://127.0.0.1:8080/k8s' },
    });
  });
});
