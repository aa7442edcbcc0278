import { describe, expect, test } from 'vitest';
import { clusterOf, hintsOf, hosts, local, problemsOf, warningsOf } from './problems.js';

/** Machines that exist, the control planes cp-1 and so on at 10.0.0.1 and so on; the API from line 5. */
function three(api: string, count = 3): string {
  const machines = Array.from({ length: count }, (_, i) => `{name: cp-${i + 1}, address: 10.0.0.${i + 1}}`);
  return hosts(`nodes: {control-plane: {roles: [control-plane, worker], hosts: [${machines.join(', ')}]}}\n${api}\n`);
}

describe("the API's endpoint", () => {
  test.each([
    ['', { kind: 'node-local' }],
    ['api: {endpoint: node-local}', { kind: 'node-local' }],
    [
      'api: {endpoint: {loadBalancer: Api.example.com}}',
      { kind: 'load-balancer', host: 'Api.example.com', port: 6443 },
    ],
    ['api: {port: 443, endpoint: {loadBalancer: 10.9.0.1}}', { kind: 'load-balancer', host: '10.9.0.1', port: 443 }],
    ['api: {endpoint: {loadBalancer: "lb:8443"}}', { kind: 'load-balancer', host: 'lb', port: 8443 }],
    ['api: {endpoint: {virtualIp: 10.0.0.9}}', { kind: 'virtual-ip', address: '10.0.0.9' }],
    [
      'api: {endpoint: {virtualIp: 10.0.0.9, interface: bond0.17}}',
      { kind: 'virtual-ip', address: '10.0.0.9', interface: 'bond0.17' },
    ],
  ])('%s', (api, endpoint) => {
    expect(clusterOf(three(api)).api.endpoint).toEqual(endpoint);
    expect(warningsOf(three(api))).toEqual([]);
  });

  const shapes = 'expected node-local, {loadBalancer: HOST[:PORT]} or {virtualIp: ADDRESS, interface: NAME}';

  test.each([
    ['nodelocal', `: ${shapes}, got "nodelocal"`, 'Did you mean node-local?'],
    ['{}', `: ${shapes}, got an empty mapping`, undefined],
    ['{loadBalancer: a, virtualIp: 10.0.0.9}', `: ${shapes}, got {loadBalancer: …, virtualIp: …}`, undefined],
    ['{interface: eth0}', '.virtualIp is missing', expect.stringContaining('A free address')],
    ['{loadBalancer: "https://lb"}', '.loadBalancer: "https://lb" is neither HOST nor HOST:PORT', undefined],
    ['{loadBalancer: ":443"}', '.loadBalancer: ":443" is neither HOST nor HOST:PORT', undefined],
    ['{loadBalancer: "lb:"}', '.loadBalancer: "lb:" is neither HOST nor HOST:PORT', undefined],
    ['{loadBalancer: "root@lb"}', '.loadBalancer: "root@lb" is neither HOST nor HOST:PORT', undefined],
    ['{loadBalancer: "lb:0"}', '.loadBalancer: "lb:0" has the port 0: expected one from 1 to 65535', undefined],
    [
      '{loadBalancer: "lb:65536"}',
      '.loadBalancer: "lb:65536" has the port 65536: expected one from 1 to 65535',
      undefined,
    ],
    [
      '{loadBalancer: "127.0.0.1:1"}',
      '.loadBalancer: "127.0.0.1:1" is a loopback address, which no other machine can reach',
      undefined,
    ],
    [
      '{loadBalancer: "fd00::5"}',
      '.loadBalancer: "fd00::5" is an IPv6 address: this version of kubewright connects over IPv4 only',
      undefined,
    ],
    ['{virtualIp: vip}', '.virtualIp: "vip" is no IPv4 address: expected one like 10.0.1.11', undefined],
    [
      '{virtualIp: 127.0.0.9}',
      '.virtualIp: "127.0.0.9" is a loopback address, which no other machine can reach',
      undefined,
    ],
    [
      '{virtualIp: 10.0.0.9, interface: "eth0; reboot"}',
      '.interface: "eth0; reboot" is no name of a network interface: expected one like eth0',
      undefined,
    ],
    [
      '{virtualIp: 10.0.0.9, interface: abcdefghijklmnop}',
      '.interface: "abcdefghijklmnop" has 16 characters where at most 15 are allowed',
      undefined,
    ],
  ])('is not %s', (endpoint, problem, hint) => {
    const text = three(`api: {endpoint: ${endpoint}}`);
    expect(problemsOf(text).map((one) => one.replace(/^\S+ api\.endpoint/, ''))).toEqual([problem]);
    expect(hintsOf(text)).toEqual([hint]);
  });
});

describe('a virtual IP', () => {
  const api = (address: string) => `api: {endpoint: {virtualIp: ${address}}}`;

  test('needs machines that exist', () => {
    expect(problemsOf(local(api('10.0.0.9')))).toEqual([
      '4:18 api.endpoint: virtualIp cannot be used with the provider local',
    ]);
    expect(hintsOf(local(api('10.0.0.9')))).toEqual([
      'Leave api.endpoint out: every node then has a load balancer of its own.',
    ]);
  });

  test('is the address of no machine', () => {
    expect(problemsOf(three(api('10.0.0.2')))).toEqual([
      '5:29 api.endpoint.virtualIp: nodes.control-plane.hosts[1].address is 10.0.0.2 already',
    ]);
  });

  test.each([
    ['10.244.9.9', 'podCidr, 10.244.0.0/16'],
    ['10.96.0.1', 'serviceCidr, 10.96.0.0/16'],
  ])('%s lies in a network of the cluster', (address, network) => {
    expect(problemsOf(three(api(address)))).toEqual([
      `5:29 api.endpoint.virtualIp: ${address} lies in network.${network}`,
    ]);
  });
});

describe('a load balancer', () => {
  const api = (host: string) => `api: {endpoint: {loadBalancer: "${host}"}}`;

  test('that is one of several control planes is hardly meant', () => {
    expect(warningsOf(three(api('10.0.0.3')))).toEqual([
      '5:32 api.endpoint.loadBalancer: 10.0.0.3 is one of the control planes, cp-3: the API is lost with it',
    ]);
    expect(problemsOf(three(api('10.0.0.3:8443')))).toEqual([]);
    expect(warningsOf(three(api('10.0.0.1'), 1))).toEqual([]);
  });

  test('lies in no network of the cluster', () => {
    expect(problemsOf(three(api('10.244.0.7:443')))).toEqual([
      '5:32 api.endpoint.loadBalancer: 10.244.0.7 lies in network.podCidr, 10.244.0.0/16',
    ]);
  });
});

describe('port 7443', () => {
  test("belongs to each node's own load balancer", () => {
    expect(problemsOf(local('api: {port: 7443}'))).toEqual([
      '4:13 api.port: 7443 belongs to the load balancer that every node has with api.endpoint: node-local',
    ]);
  });

  test('is free where there is none', () => {
    expect(clusterOf(local('api: {port: 7443, endpoint: {loadBalancer: lb}}')).api.endpoint).toEqual({
      kind: 'load-balancer',
      host: 'lb',
      port: 7443,
    });
  });
});
