import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RULES } from '../../src/config/rules.js';
import { addressCount, formatIpv4, overlaps, parseCidr } from '../../src/model/cidr.js';
import { clusterOf, hintsOf, hosts, local, problemsOf, warningsOf } from './problems.js';

/** A config with the provider `hosts` and one control plane and these workers, one a line from line 8. */
function machines(...workers: readonly string[]): string {
  return hosts(
    [
      'nodes:',
      '  control-plane: {hosts: [{name: cp, address: 10.0.0.1}]}',
      '  workers:',
      '    hosts:',
      ...workers.map((worker) => `      - ${worker}`),
    ].join('\n'),
  );
}

describe('the provider', () => {
  const pools = 'nodes: {control-plane: {count: 1}, workers: {hosts: []}}\n';

  test.each([
    ['provider: {}', '3:11 provider: expected {local: {}} or {hosts: {}}, got an empty mapping'],
    ['provider: {local: {}, hosts: {}}', '3:11 provider: local and hosts exclude each other'],
  ])('%s is not exactly one, and nothing more is said about pools', (line, problem) => {
    expect(problemsOf(`apiVersion: kubewright/v1alpha1\nname: demo\n${line}\n`)).toEqual([problem]);
    expect(problemsOf(`apiVersion: kubewright/v1alpha1\nname: demo\n${line}\n${pools}`)).toEqual([problem]);
  });

  test('local makes machines: a pool cannot list them', () => {
    const text = local('nodes:\n  control-plane: {hosts: [{name: a, address: 10.0.0.1}]}\n');
    expect(problemsOf(text)).toEqual(['5:19 nodes.control-plane: hosts cannot be used with the provider local']);
    expect(hintsOf(text)).toEqual(['Say how many machines to make: {count: 2}.']);
  });

  test('local needs to know how many', () => {
    expect(problemsOf(local('nodes:\n  control-plane: {}\n'))).toEqual(['5:3 nodes.control-plane: count is missing']);
  });

  test('hosts has machines: a pool cannot count them', () => {
    const text = hosts('nodes:\n  control-plane:\n    count: 1\n');
    expect(problemsOf(text)).toEqual(['6:5 nodes.control-plane: count cannot be used with the provider hosts']);
    expect(hintsOf(text)).toEqual(['List the machines that exist: {hosts: [{name: node-1, address: 10.0.1.11}]}.']);
  });

  test('hosts needs to know which', () => {
    expect(problemsOf(hosts())).toEqual(['3:1 nodes is missing']);
    expect(problemsOf(hosts('nodes: {control-plane: {}}'))).toEqual(['4:9 nodes.control-plane: hosts is missing']);
  });
});

describe('numbers that are left out', () => {
  test.each([
    ['[2, 5, 2]', '4:50 nodes.control-plane.except[2]: "2" stands in the list twice, first as entry 1'],
    ['[0]', '4:44 nodes.control-plane.except[0]: expected a whole number from 1 to 1000000, got 0'],
    ['[1.5]', '4:44 nodes.control-plane.except[0]: expected a whole number from 1 to 1000000, got 1.5'],
    ['2', '4:43 nodes.control-plane.except: expected a list, got 2'],
  ])('%s are none', (except, problem) => {
    expect(problemsOf(local(`nodes: {control-plane: {count: 1, except: ${except}}}`))).toEqual([problem]);
  });

  test('go with a count', () => {
    const text = hosts('nodes: {control-plane: {hosts: [{name: a, address: 10.0.0.1}], except: [2]}}');
    expect(problemsOf(text)).toEqual(['4:64 nodes.control-plane: except goes with count, which numbers the machines']);
    expect(problemsOf(local('nodes: {control-plane: {except: [2]}}'))).toEqual([
      '4:9 nodes.control-plane: count is missing',
    ]);
  });

  test('count when the length of a name is looked at', () => {
    const text = local(
      `nodes: {control-plane: {count: 1}, ${'a'.repeat(61)}: {count: 1, except: [1,2,3,4,5,6,7,8,9]}}`,
    );
    expect(problemsOf(text)[0]).toContain(`${'a'.repeat(61)}-10" has 64 characters`);
  });
});

describe('the version', () => {
  test.each([
    ['1.33.4', '4:23 kubernetes.version: 1.33.4 is out of support: it is older than 1.34', '1.34.4'],
    ['v1.38.0', '4:23 kubernetes.version: 1.38.0 is out of support: it is newer than 1.37', '1.37.2'],
  ])('%s is out of support', (version, problem, nearest) => {
    const text = local(`kubernetes: {version: ${version}}`);
    expect(problemsOf(text)).toEqual([problem]);
    expect(hintsOf(text)[0]).toContain(`the nearest is ${nearest}`);
  });

  test.each(['1.34.0', 'v1.35.4', '1.36.99', '1.37.2'])('%s is in support, and its v is left out', (version) => {
    expect(clusterOf(local(`kubernetes: {version: ${version}}`)).kubernetes.version).toBe(version.replace('v', ''));
  });
});

describe('control planes', () => {
  const pools = (...counts: readonly number[]) =>
    local(
      `nodes:\n  workers: {count: 1}\n${counts.map((count, i) => `  cp${i}: {count: ${count}, roles: [control-plane]}\n`).join('')}`,
    );

  test.each([2, 4, 6])('%d of them are even', (count) => {
    expect(problemsOf(pools(count))).toEqual([`6:16 the number of control planes must be odd, got ${count}`]);
    expect(hintsOf(pools(count))[0]).toContain(`Take ${count - 1} or ${count + 1}`);
  });

  test('are counted over all pools', () => {
    expect(problemsOf(pools(1, 1))).toEqual(['4:1 the number of control planes must be odd, got 2']);
    expect(problemsOf(pools(1, 2))).toEqual([]);
  });

  test.each([
    ['nodes: {workers: {count: 2}}'],
    ['nodes: {control-plane: {count: 0}, workers: {count: 2}}'],
    ['nodes: {control-plane: {count: 1, roles: [worker]}}'],
    ['nodes: {}'],
  ])('%s has none', (line) => {
    expect(problemsOf(local(line))).toEqual(['4:1 the cluster has no control plane']);
  });

  test('a hundred are more than is good, which is a warning', () => {
    expect(problemsOf(pools(9))).toEqual([]);
    expect(warningsOf(pools(9))).toEqual(['6:16 9 control planes are more than etcd is good with']);
    expect(warningsOf(pools(7))).toEqual([]);
  });
});

describe('workloads', () => {
  const warning = '4:1 no node takes ordinary workloads: each has a taint that keeps them away';

  test.each([
    'nodes: {control-plane: {count: 1}}',
    'nodes: {control-plane: {count: 1}, workers: {count: 0}}',
    'nodes: {control-plane: {count: 1}, gpu: {count: 1, taints: ["gpu:NoExecute"]}}',
  ])('%s has no place for them', (line) => {
    expect(warningsOf(local(line))).toEqual([warning]);
    expect(problemsOf(local(line))).toEqual([]);
  });

  test.each([
    'nodes: {control-plane: {count: 1, roles: [control-plane, worker]}}',
    'nodes: {control-plane: {count: 1, taints: []}}',
    'nodes: {control-plane: {count: 1}, w: {count: 1, taints: ["a:PreferNoSchedule"]}}',
  ])('%s has a place for them', (line) => {
    expect(warningsOf(local(line))).toEqual([]);
  });
});

describe('names of machines', () => {
  test('twice the same in two pools is pointed at', () => {
    expect(problemsOf(machines('{name: cp, address: 10.0.0.2}'))).toEqual([
      '8:16 nodes.workers.hosts[0].name: nodes.control-plane.hosts[0] has cp already',
    ]);
  });

  test('three times the same is two problems', () => {
    const same = ['{name: a, address: 10.0.0.2}', '{name: a, address: 10.0.0.3}', '{name: a, address: 10.0.0.4}'];
    expect(problemsOf(machines(...same))).toHaveLength(2);
  });

  test('made from a long name of a pool are at most 63 characters', () => {
    const text = (length: number) => local(`nodes: {control-plane: {count: 1}, ${'a'.repeat(length)}: {count: 10}}`);
    expect(problemsOf(text(60))).toEqual([]);
    expect(problemsOf(text(61))).toEqual([
      `4:36 nodes: the node name "${'a'.repeat(61)}-10" has 64 characters: at most 63 are allowed`,
    ]);
  });
});

describe('addresses of machines', () => {
  test('twice the same in two pools is pointed at', () => {
    expect(problemsOf(machines('{name: a, address: 10.0.0.1}'))).toEqual([
      '8:28 nodes.workers.hosts[0].address: nodes.control-plane.hosts[0] has 10.0.0.1 port 22 already',
    ]);
  });

  test('twice the same name in other letters is the same', () => {
    const two = ['{name: a, address: node.example.com}', '{name: b, address: Node.Example.com}'];
    expect(problemsOf(machines(...two))).toHaveLength(1);
  });

  test('one address with two ports is two machines when the other nodes can tell them apart', () => {
    const one = '{name: a, address: 198.51.100.7, port: 2201, internalAddress: 10.0.0.2}';
    expect(
      problemsOf(machines(one, '{name: b, address: 198.51.100.7, port: 2202, internalAddress: 10.0.0.3}')),
    ).toEqual([]);
    expect(
      problemsOf(machines(one, '{name: b, address: 198.51.100.7, port: 2202, internalAddress: 10.0.0.2}')),
    ).toEqual(['9:71 nodes.workers.hosts[1].internalAddress: nodes.workers.hosts[0] has 10.0.0.2 already']);
    expect(
      problemsOf(
        machines('{name: a, address: 198.51.100.7, port: 2201}', '{name: b, address: 198.51.100.7, port: 2202}'),
      ),
    ).toEqual(['9:28 nodes.workers.hosts[1].address: nodes.workers.hosts[0] has 198.51.100.7 already']);
  });

  test("an address that is another's internal one is the same", () => {
    expect(problemsOf(machines('{name: a, address: a.example.com, internalAddress: 10.0.0.1}'))).toEqual([
      '8:60 nodes.workers.hosts[0].internalAddress: nodes.control-plane.hosts[0] has 10.0.0.1 already',
    ]);
  });

  test('a loopback address cannot be what the other nodes use', () => {
    expect(problemsOf(machines('{name: a, address: 127.0.0.1, port: 2222}'))).toEqual([
      '8:28 nodes.workers.hosts[0].address: the other nodes cannot reach 127.0.0.1, a loopback address',
    ]);
    expect(problemsOf(machines('{name: a, address: 127.0.0.1, port: 2222, internalAddress: 10.0.0.2}'))).toEqual([]);
  });

  test('none lies in a network of the cluster', () => {
    const text = `${machines('{name: a, address: 10.244.3.4}', '{name: b, address: b.example.com, internalAddress: 10.96.0.9}')}\n`;
    expect(problemsOf(text)).toEqual([
      '8:28 nodes.workers.hosts[0].address: 10.244.3.4 lies in network.podCidr, 10.244.0.0/16',
      '9:60 nodes.workers.hosts[1].internalAddress: 10.96.0.9 lies in network.serviceCidr, 10.96.0.0/16',
    ]);
    expect(hintsOf(text)[0]).toBe('Choose another network.podCidr: one that no machine is in.');
    expect(problemsOf(`${text}network: {podCidr: 172.20.0.0/16, serviceCidr: 172.21.0.0/16}\n`)).toEqual([]);
  });
});

describe('networks', () => {
  test('of pods and Services do not overlap', () => {
    const text = local('network:\n  podCidr: 10.0.0.0/12\n  serviceCidr: 10.8.0.0/16\n');
    expect(problemsOf(text)).toEqual([
      '6:16 network.podCidr and network.serviceCidr overlap: 10.0.0.0/12 and 10.8.0.0/16',
    ]);
  });

  test('where one of two that overlap is a default, the other is pointed at', () => {
    expect(problemsOf(local('network: {podCidr: 10.96.0.0/16}'))).toEqual([
      '4:20 network.podCidr and network.serviceCidr overlap: 10.96.0.0/16 and 10.96.0.0/16',
    ]);
  });

  test('of local machines overlaps neither', () => {
    const text = (subnet: string) =>
      `apiVersion: kubewright/v1alpha1\nname: demo\nprovider: {local: {subnet: ${subnet}}}\n`;
    expect(problemsOf(text('10.244.7.0/24'))).toEqual([
      '3:28 network.podCidr and provider.local.subnet overlap: 10.244.0.0/16 and 10.244.7.0/24',
    ]);
    expect(problemsOf(text('10.96.7.0/24'))).toHaveLength(1);
    expect(problemsOf(text('10.0.0.0/8'))).toHaveLength(2);
    expect(problemsOf(text('172.30.0.0/24'))).toEqual([]);
  });

  test('overlap in the eyes of the rule exactly when they share an address', () => {
    const cidr = (least: number) =>
      fc
        .tuple(fc.integer({ min: 0, max: 2 ** 12 - 1 }), fc.integer({ min: least, max: 24 }))
        .map(
          ([n, prefix]) =>
            `${formatIpv4(((10 << 24) >>> 0) + Math.floor((n * 4096) / 2 ** (32 - prefix)) * 2 ** (32 - prefix))}/${prefix}`,
        );
    fc.assert(
      fc.property(cidr(10), cidr(12), (pods, services) => {
        const [a, b] = [parseCidr(pods), parseCidr(services)];
        if (a === undefined || b === undefined) throw new Error('no CIDR');
        const text = local(`network: {podCidr: ${pods}, serviceCidr: ${services}}\n`);
        expect(problemsOf(text).some((problem) => problem.includes('overlap'))).toBe(overlaps(a, b));
      }),
    );
  });

  test('of pods has a /24 for every node', () => {
    const text = (podCidr: string, workers: number) =>
      local(`nodes: {control-plane: {count: 1}, workers: {count: ${workers}}}\nnetwork: {podCidr: ${podCidr}}\n`);
    expect(problemsOf(text('10.244.0.0/22', 3))).toEqual([]);
    expect(problemsOf(text('10.244.0.0/22', 4))).toEqual([
      '5:20 network.podCidr: 10.244.0.0/22 has room for 4 nodes, a /24 each, and there are 5',
    ]);
    expect(hintsOf(text('10.244.0.0/22', 4))).toEqual(['Take a /21 or a larger network.']);
    expect(problemsOf(text('10.244.0.0/24', 0))).toEqual([]);
  });

  test('that the hint names is large enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 999 }), (workers) => {
        const text = local(
          `nodes: {control-plane: {count: 1}, workers: {count: ${workers}}}\nnetwork: {podCidr: 10.244.0.0/24}\n`,
        );
        const prefix = Number(/\/(\d+)/.exec(hintsOf(text)[0] ?? '')?.[1]);
        expect(addressCount({ network: 0, prefix }) / 256).toBeGreaterThanOrEqual(workers + 1);
        expect(addressCount({ network: 0, prefix: prefix + 1 }) / 256).toBeLessThan(workers + 1);
      }),
    );
  });

  test('of local machines has an address for each of them', () => {
    const text = (workers: number) =>
      `apiVersion: kubewright/v1alpha1\nname: demo\nprovider: {local: {subnet: 172.30.0.0/29}}\nnodes: {control-plane: {count: 1}, workers: {count: ${workers}}}\n`;
    expect(problemsOf(text(4))).toEqual([]);
    expect(problemsOf(text(5))).toEqual([
      '3:28 provider.local.subnet: 172.30.0.0/29 has room for 5 nodes, and there are 6',
    ]);
    expect(hintsOf(text(5))).toEqual(['Take a /28 or a larger network.']);
  });

  test('hold no resolver that cluster DNS asks', () => {
    expect(problemsOf(local('network: {upstreamDns: [10.0.0.2, 10.96.0.10]}'))).toEqual([
      '4:35 network.upstreamDns[1]: 10.96.0.10 lies in network.serviceCidr, 10.96.0.0/16: the cluster would ask itself',
    ]);
  });
});

describe("the API's port", () => {
  test.each([
    [22, 'the SSH server'],
    [2379, 'etcd'],
    [10250, 'the kubelet'],
    [10259, 'kube-scheduler'],
    [30000, 'NodePort Services (30000 to 32767)'],
    [32767, 'NodePort Services (30000 to 32767)'],
  ])('%d is taken on a control plane', (port, user) => {
    expect(problemsOf(local(`api: {port: ${port}}`))).toEqual([
      `4:13 api.port: ${port} belongs to ${user} on a control plane`,
    ]);
  });

  test.each([443, 6443, 8443, 29999, 32768])('%d is free', (port) => {
    expect(clusterOf(local(`api: {port: ${port}}`)).api.port).toBe(port);
  });

  test('is not the SSH port of a control plane, but may be that of a worker', () => {
    const text = (cp: number, worker: number) =>
      hosts(
        `nodes: {control-plane: {hosts: [{name: a, address: 10.0.0.1, port: ${cp}}]}, w: {hosts: [{name: b, address: 10.0.0.2, port: ${worker}}]}}\napi: {port: 2222}\n`,
      );
    expect(problemsOf(text(22, 2222))).toEqual([]);
    expect(problemsOf(text(2222, 22))).toEqual(['5:13 api.port: 2222 belongs to the SSH server on a control plane']);
  });
});

test('every rule says in a sentence of its own what has to hold', () => {
  const sentences = RULES.map(({ about }) => about);
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z`].*\.$/);
  expect(new Set(sentences).size).toBe(sentences.length);
});
