import { describe, expect, test } from 'vitest';
import { formatDiagnostics } from '../../src/config/diagnostics.js';
import { parseConfig } from '../../src/config/load.js';
import { clusterOf, diagnosticsOf, hintsOf, hosts, local, problemsOf } from './problems.js';

describe('a config with ten mistakes', () => {
  const text = `# the cluster of the office
apiVersion: kubewright/v1alpha1
name: Demo
provider:
  local: {engin: docker}
kubernetes: {version: 1.30.2}
nodes:
  control-plane: {count: 2}
  workers:
    count: two
    taints: [gpu=yes:NoSchedul]
    labels: {kubernetes.io/hostname: a}
network:
  cni: calico
  podCidr: 10.96.0.0/12
api: {port: 30001}
`;

  test('gives exactly ten diagnostics, in the order of the file, each with its place and how to mend it', () => {
    const result = parseConfig(text, 'cluster.yaml');
    const diagnostics = diagnosticsOf(result);
    expect(result.ok).toBe(false);
    expect(diagnostics).toHaveLength(10);
    expect(`\n${formatDiagnostics(diagnostics, text)}\n`).toMatchInlineSnapshot(`
      "
      cluster.yaml:3:7: error: name: "Demo" has the capital letter D: only lower-case letters a-z, digits and "-" are allowed
        3 | name: Demo
          |       ~~~~

      cluster.yaml:5:11: error: unknown key "engin" in provider.local
        5 |   local: {engin: docker}
          |           ~~~~~
        hint: Did you mean engine?

      cluster.yaml:6:23: error: kubernetes.version: 1.30.2 is out of support: it is older than 1.34
        6 | kubernetes: {version: 1.30.2}
          |                       ~~~~~~
        hint: This version of kubewright installs Kubernetes 1.34 to 1.37; the nearest is 1.34.4.

      cluster.yaml:8:26: error: the number of control planes must be odd, got 2
        8 |   control-plane: {count: 2}
          |                          ~
        hint: Take 1 or 3: etcd needs a majority, so 2 bear no more failures than 1.

      cluster.yaml:10:12: error: nodes.workers.count: expected a whole number from 0 to 1000, got "two"
        10 |     count: two
           |            ~~~

      cluster.yaml:11:14: error: nodes.workers.taints[0]: "gpu=yes:NoSchedul" has the effect "NoSchedul": expected NoSchedule, PreferNoSchedule or NoExecute
        11 |     taints: [gpu=yes:NoSchedul]
           |              ~~~~~~~~~~~~~~~~~

      cluster.yaml:12:14: error: nodes.workers.labels: "kubernetes.io/hostname" is reserved for Kubernetes
        12 |     labels: {kubernetes.io/hostname: a}
           |              ~~~~~~~~~~~~~~~~~~~~~~
        hint: Of kubernetes.io and k8s.io only these may be set: node-role.kubernetes.io/NAME, node-restriction.kubernetes.io/NAME, topology.kubernetes.io/region and /zone, node.kubernetes.io/instance-type and /exclude-from-external-load-balancers.

      cluster.yaml:14:8: error: network.cni: this version of kubewright has no network plugin "calico"; it has flannel
        14 |   cni: calico
           |        ~~~~~~

      cluster.yaml:15:12: error: network.podCidr and network.serviceCidr overlap: 10.96.0.0/12 and 10.96.0.0/16
        15 |   podCidr: 10.96.0.0/12
           |            ~~~~~~~~~~~~

      cluster.yaml:16:13: error: api.port: 30001 belongs to NodePort Services (30000 to 32767) on a control plane
        16 | api: {port: 30001}
           |             ~~~~~
        hint: The usual one is 6443.
      "
    `);
  });
});

describe('the smallest config', () => {
  test('has every default filled in', () => {
    expect(clusterOf(local())).toMatchInlineSnapshot(`
      {
        "api": {
          "endpoint": {
            "kind": "node-local",
          },
          "extraNames": [],
          "port": 6443,
        },
        "artifacts": {
          "mirrors": {},
          "source": "auto",
        },
        "engine": "native",
        "kubernetes": {
          "version": "1.36.3",
        },
        "name": "demo",
        "network": {
          "clusterDomain": "cluster.local",
          "cni": "flannel",
          "podCidr": "10.244.0.0/16",
          "serviceCidr": "10.96.0.0/16",
          "upstreamDns": [],
        },
        "nodes": [
          {
            "labels": {},
            "name": "control-plane-1",
            "pool": "control-plane",
            "roles": [
              "control-plane",
            ],
            "taints": [
              {
                "effect": "NoSchedule",
                "key": "node-role.kubernetes.io/control-plane",
              },
            ],
          },
          {
            "labels": {},
            "name": "workers-1",
            "pool": "workers",
            "roles": [
              "worker",
            ],
            "taints": [],
          },
          {
            "labels": {},
            "name": "workers-2",
            "pool": "workers",
            "roles": [
              "worker",
            ],
            "taints": [],
          },
        ],
        "provider": {
          "kind": "local",
        },
      }
    `);
  });

  test('a section with nothing in it is the same as none', () => {
    const empty = 'kubernetes:\nnetwork:\n  # podCidr: 10.1.0.0/16\napi:\nartifacts:\n';
    expect(clusterOf(local(empty))).toEqual(clusterOf(local()));
    expect(clusterOf('apiVersion: kubewright/v1alpha1\nname: demo\nprovider:\n  local:\n')).toEqual(clusterOf(local()));
  });
});

describe('unknown keys', () => {
  test.each([
    ['ap: {}', '4:1 unknown key "ap"', 'Did you mean api?'],
    ['networks: {}', '4:1 unknown key "networks"', 'Did you mean network?'],
    ['network: {podCIDR: 10.1.0.0/16}', '4:11 unknown key "podCIDR" in network', 'Did you mean podCidr?'],
    ['network: {serviceCdir: 10.1.0.0/16}', '4:11 unknown key "serviceCdir" in network', 'Did you mean serviceCidr?'],
    ['podCidr: 10.1.0.0/16', '4:1 unknown key "podCidr"', 'It belongs into network.'],
    ['version: 1.36.3', '4:1 unknown key "version"', 'It belongs into kubernetes.'],
    [
      'nodes: {control-plane: {count: 1, zzz: 1}}',
      '4:35 unknown key "zzz" in nodes.control-plane',
      'Known here: count, except, hosts, roles, labels, taints.',
    ],
    [
      'api: {<<: {port: 1}}',
      '4:7 unknown key "<<" in api',
      'Merge keys (<<) are not understood: write the fields out.',
    ],
  ])('%s is pointed at and the right one suggested', (line, problem, hint) => {
    expect(problemsOf(local(line))).toEqual([problem]);
    expect(hintsOf(local(line))).toEqual([hint]);
  });

  test('a mistyped required key is one problem and not two', () => {
    const text = hosts('nodes:\n  control-plane:\n    hosts:\n      - {name: a, adress: 10.0.0.1}\n');
    expect(problemsOf(text)).toEqual(['7:19 unknown key "adress" in nodes.control-plane.hosts[0]']);
    expect(hintsOf(text)).toContain('Did you mean address?');
  });

  test.each([
    ['provider: {aws: {}}', '3:12 provider: this version of kubewright has no provider "aws"; it has local and hosts'],
    [
      'provider: {vagrant: {}}',
      '3:12 provider: this version of kubewright has no provider "vagrant"; it has local and hosts',
    ],
    [
      'provider: {local: {}}\nengine: kubespray',
      '4:9 engine: this version of kubewright has no engine "kubespray"; it has native',
    ],
    [
      'provider: {local: {}}\nnetwork: {cni: calico}',
      '4:16 network.cni: this version of kubewright has no network plugin "calico"; it has flannel',
    ],
    [
      'provider: {local: {}}\nnetwork: {cni: cilium}',
      '4:16 network.cni: this version of kubewright has no network plugin "cilium"; it has flannel',
    ],
    ['provider: {local: {}}\nbastion: {}', '4:1 this version of kubewright has no bastion'],
  ])('of %s it is said plainly that this version has no such thing', (lines, problem) => {
    expect(problemsOf(`apiVersion: kubewright/v1alpha1\nname: demo\n${lines}`)).toEqual([problem]);
  });
});

describe('missing fields', () => {
  test('each is named, with what it is for', () => {
    expect(problemsOf('kubernetes: {version: 1.36.3}\n')).toEqual([
      '1:1 apiVersion is missing',
      '1:1 name is missing',
      '1:1 provider is missing',
    ]);
    expect(hintsOf('kubernetes: {}\n')[2]).toBe('Where the machines come from: exactly one of `local` and `hosts`.');
  });

  test('of a list entry the entry is pointed at', () => {
    const text = hosts(
      'nodes:\n  control-plane:\n    hosts:\n      - {name: a}\n  workers: {hosts: [{address: 10.0.0.2}]}\n',
    );
    expect(problemsOf(text)).toEqual([
      '7:9 nodes.control-plane.hosts[0].address is missing',
      '8:21 nodes.workers.hosts[0].name is missing',
    ]);
  });
});

describe('wrong values', () => {
  test.each([
    [
      'api: {port: "6443"}',
      '4:13 api.port: expected a whole number from 1 to 65535, got "6443"',
      'Take the quotes away.',
    ],
    ['api: {port: 6443.5}', '4:13 api.port: expected a whole number from 1 to 65535, got 6443.5', undefined],
    ['api: {port: 0}', '4:13 api.port: expected a whole number from 1 to 65535, got 0', undefined],
    ['api: {port: 65536}', '4:13 api.port: expected a whole number from 1 to 65535, got 65536', undefined],
    ['api: {port: .inf}', '4:13 api.port: expected a whole number from 1 to 65535, got Infinity', undefined],
    ['api: {port: .nan}', '4:13 api.port: expected a whole number from 1 to 65535, got NaN', undefined],
    ['api: {port: [1]}', '4:13 api.port: expected a whole number from 1 to 65535, got a list', undefined],
    ['api: {port: }', '4:7 api.port: expected a whole number from 1 to 65535, got nothing', undefined],
    ['api: {extraNames: a.example.com}', '4:19 api.extraNames: expected a list, got "a.example.com"', undefined],
    ['network: []', '4:10 network: expected a mapping, got an empty list', undefined],
    ['network: flannel', '4:10 network: expected a mapping, got "flannel"', undefined],
    [
      'kubernetes: {version: 1.36}',
      '4:23 kubernetes.version: expected a version like "1.36.3", got 1.36',
      'Put it in quotes: "1.36".',
    ],
    [
      'artifacts: {source: upsteam}',
      '4:21 artifacts.source: expected auto, upstream or build, got "upsteam"',
      'Did you mean upstream?',
    ],
    [
      'nodes: {control-plane: {count: 1, labels: {gpu: true}}}',
      '4:49 nodes.control-plane.labels.gpu: expected a text, got true',
      'Put it in quotes: "true".',
    ],
    [
      'nodes: {control-plane: {count: 1, roles: []}}',
      '4:42 nodes.control-plane.roles: expected control-plane, worker or both, or etcd alone, got an empty list',
      undefined,
    ],
    [
      'nodes: {control-plane: {count: 1, roles: [control-plan]}}',
      '4:43 nodes.control-plane.roles[0]: expected control-plane, worker or etcd, got "control-plan"',
      'Did you mean control-plane?',
    ],
    [
      'nodes: {control-plane: {count: 1000000000}}',
      '4:32 nodes.control-plane.count: expected a whole number from 0 to 1000, got 1000000000',
      undefined,
    ],
  ])('%s', (line, problem, hint) => {
    expect(problemsOf(local(line))).toEqual([problem]);
    expect(hintsOf(local(line))).toEqual([hint]);
  });

  test('a switch takes true and false only', () => {
    const text = 'apiVersion: kubewright/v1alpha1\nname: demo\nprovider: {local: {publishPorts: yes}}\n';
    expect(problemsOf(text)).toEqual(['3:34 provider.local.publishPorts: expected true or false, got "yes"']);
    expect(hintsOf(text)).toEqual(['YAML 1.2 has no other words for it.']);
  });

  test('a provider without braces is told how to write it', () => {
    expect(problemsOf('apiVersion: kubewright/v1alpha1\nname: demo\nprovider: local\n')).toEqual([
      '3:11 provider: expected {local: {}} or {hosts: {}}, got "local"',
    ]);
  });

  test('what is written over several lines is pointed at by its key', () => {
    expect(problemsOf(local('api:\n  port:\n    - 1\n    - 2\n'))).toEqual([
      '5:3 api.port: expected a whole number from 1 to 65535, got a list',
    ]);
  });
});

describe('values of several kinds', () => {
  const withHostKey = (value: string) => hosts('nodes: {control-plane: {hosts: []}}', `{hostKey: ${value}}`);
  const first = (text: string) => [problemsOf(text)[0], hintsOf(text)[0]];

  test.each([
    [
      'know-hosts',
      '3:29 provider.hosts.hostKey: expected known-hosts, trust-on-first-use or {pinned: [KEY, …]}, got "know-hosts"',
      'Did you mean known-hosts?',
    ],
    [
      '5',
      '3:29 provider.hosts.hostKey: expected known-hosts, trust-on-first-use or {pinned: [KEY, …]}, got 5',
      undefined,
    ],
    ['{pined: []}', '3:30 unknown key "pined" in provider.hosts.hostKey', 'Did you mean pinned?'],
    ['{pinned: []}', '3:38 provider.hosts.hostKey.pinned: expected at least one key, got an empty list', undefined],
    [
      '{pinned: [5]}',
      '3:39 provider.hosts.hostKey.pinned[0]: expected a public host key, got 5',
      'Put it in quotes: "5".',
    ],
  ])('hostKey: %s is reported for the kind that was meant', (value, problem, hint) => {
    expect(first(withHostKey(value))).toEqual([problem, hint]);
  });

  test.each([
    ['promt', '3:34 provider.hosts.sudoPassword: expected prompt, {env: NAME} or {file: PATH}, got "promt"'],
    ['{env: 5}', '3:40 provider.hosts.sudoPassword.env: expected the name of a variable, got 5'],
    [
      '{env: A-B}',
      '3:40 provider.hosts.sudoPassword.env: "A-B" is no name of an environment variable: only letters, digits and "_" are allowed',
    ],
    [
      '{environment: A}',
      '3:34 provider.hosts.sudoPassword: expected prompt, {env: NAME} or {file: PATH}, got {environment: …}',
    ],
    [
      '{env: A, file: b}',
      '3:34 provider.hosts.sudoPassword: expected prompt, {env: NAME} or {file: PATH}, got {env: …, file: …}',
    ],
  ])('sudoPassword: %s is reported for the kind that was meant', (value, problem) => {
    const text = hosts('nodes: {control-plane: {hosts: []}}', `{sudoPassword: ${value}}`);
    expect(first(text)[0]).toBe(problem);
  });

  test.each([
    ['gpu', '4:44 nodes.control-plane.taints[0]: "gpu" is no taint: expected KEY=VALUE:EFFECT or KEY:EFFECT'],
    ['5', '4:44 nodes.control-plane.taints[0]: expected KEY=VALUE:EFFECT, KEY:EFFECT or {key, value, effect}, got 5'],
    ['{key: gpu}', '4:44 nodes.control-plane.taints[0].effect is missing'],
    [
      '{key: gpu, effect: NoScedule}',
      '4:63 nodes.control-plane.taints[0].effect: expected NoSchedule, PreferNoSchedule or NoExecute, got "NoScedule"',
    ],
    ['{key: gpu, efect: NoSchedule}', '4:55 unknown key "efect" in nodes.control-plane.taints[0]'],
  ])('a taint %s is reported for the notation that was meant', (value, problem) => {
    expect(problemsOf(local(`nodes: {control-plane: {count: 1, taints: [${value}]}}`))).toEqual([problem]);
  });
});

describe('wrong fields and broken rules together', () => {
  test('a rule says nothing about a field that is wrong by itself', () => {
    expect(problemsOf(local('network: {podCidr: 10.96.0.0/99, serviceCidr: 10.96.0.0/16}'))).toEqual([
      '4:20 network.podCidr: "10.96.0.0/99" is no network: expected one like 10.244.0.0/16',
    ]);
    expect(problemsOf(local('nodes: {control-plane: {count: two}}'))).toEqual([
      '4:32 nodes.control-plane.count: expected a whole number from 0 to 1000, got "two"',
    ]);
  });

  test('a wrong name of a pool does not count as the absence of a control plane', () => {
    expect(problemsOf(local('nodes: {control_plane: {count: 1}, workers: {count: 1}}'))).toEqual([
      '4:9 nodes: "control_plane" has "_": only lower-case letters a-z, digits and "-" are allowed',
    ]);
  });

  test('an unknown provider draws no complaints about its pools', () => {
    const text =
      'apiVersion: kubewright/v1alpha1\nname: demo\nprovider: {aws: {}}\nnodes: {control-plane: {hosts: []}}\n';
    expect(problemsOf(text)).toEqual([
      '3:12 provider: this version of kubewright has no provider "aws"; it has local and hosts',
    ]);
  });

  test('one wrong machine leaves the others to be compared', () => {
    const text = hosts(
      [
        'nodes:',
        '  control-plane: {hosts: [{name: a, address: 10.0.0.1}]}',
        '  workers:',
        '    hosts:',
        '      - {name: b, address: 10.0.0.2, port: x}',
        '      - five',
        '      - {name: a, address: 10.0.0.3}',
      ].join('\n'),
    );
    expect(problemsOf(text)).toEqual([
      '8:44 nodes.workers.hosts[0].port: expected a whole number from 1 to 65535, got "x"',
      '9:9 nodes.workers.hosts[1]: expected a mapping, got "five"',
      '10:16 nodes.workers.hosts[2].name: nodes.control-plane.hosts[0] has a already',
    ]);
  });
});
