import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { initConfig, joinConfig } from '../../../src/engines/native/kubeadm-config.js';
import { ignoredPreflight } from '../../../src/engines/native/kubeadm-preflight.js';
import type { NodeTraits } from '../../../src/engines/native/traits.js';
import type { Cluster, NodeSpec } from '../../../src/model/cluster.js';

const server: NodeTraits = {
  cgroupVersion: 2,
  canLowerOomScore: true,
  container: false,
  swap: false,
  nameservers: ['10.0.0.2'],
};
const container: NodeTraits = { ...server, cgroupVersion: 1, canLowerOomScore: false, container: true, swap: true };
const node: NodeSpec = { name: 'cp-1', pool: 'cp', roles: ['control-plane'], labels: {}, taints: [] };
const cluster: Cluster = {
  name: 'demo',
  kubernetes: { version: '1.36.3' },
  engine: 'native',
  provider: { kind: 'hosts' },
  nodes: [node],
  network: {
    cni: 'flannel',
    podCidr: '10.244.0.0/16',
    serviceCidr: '10.96.0.0/16',
    clusterDomain: 'cluster.local',
    upstreamDns: [],
  },
  api: { port: 6443, extraNames: [], endpoint: { kind: 'node-local' } },
  artifacts: { source: 'auto', mirrors: {} },
};
const input = {
  cluster,
  node,
  address: '10.0.0.11',
  traits: server,
  token: 'abcdef.0123456789abcdef',
  certificateNames: ['10.0.0.11', 'api.example'],
  tags: { coredns: 'v1.14.3', etcd: '3.6.8-0' },
  ignoredPreflight: [],
};
const documents = (text: string) =>
  Object.fromEntries(parseAllDocuments(text).map((it) => [it.get('kind'), it.toJS()]));

describe("kubeadm's configuration for init", () => {
  test('holds the address, port, names and tags that were decided', () => {
    const { InitConfiguration, ClusterConfiguration } = documents(initConfig(input));
    expect(InitConfiguration.localAPIEndpoint).toEqual({ advertiseAddress: '10.0.0.11', bindPort: 6443 });
    expect(ClusterConfiguration).toMatchObject({
      clusterName: 'demo',
      kubernetesVersion: 'v1.36.3',
      controlPlaneEndpoint: '127.0.0.1:7443',
      apiServer: { certSANs: ['10.0.0.11', 'api.example'] },
      dns: { imageTag: 'v1.14.3' },
      etcd: { local: { imageTag: '3.6.8-0' } },
    });
  });

  test('uses systemd cgroups and the full checks on a server', () => {
    const { KubeletConfiguration, KubeProxyConfiguration } = documents(initConfig(input));
    expect(KubeletConfiguration).toMatchObject({
      cgroupDriver: 'systemd',
      resolvConf: '/etc/kubernetes/kubelet-resolv.conf',
    });
    expect(KubeletConfiguration).not.toHaveProperty('failCgroupV1');
    expect(KubeletConfiguration).not.toHaveProperty('failSwapOn');
    expect(KubeProxyConfiguration.mode).toBe('nftables');
    expect(KubeProxyConfiguration).not.toHaveProperty('conntrack');
  });

  test('gives a container on cgroup v1 what it needs, and only that', () => {
    const { KubeletConfiguration, KubeProxyConfiguration } = documents(initConfig({ ...input, traits: container }));
    expect(KubeletConfiguration).toMatchObject({ cgroupDriver: 'cgroupfs', failCgroupV1: false, failSwapOn: false });
    expect(KubeProxyConfiguration.conntrack).toEqual({ maxPerCore: 0, min: 0 });
  });
});

describe("kubeadm's configuration for join", () => {
  test('discovers the cluster by the file that was brought, never by an unverified CA', () => {
    const { JoinConfiguration } = documents(joinConfig({ ...input, discoveryFile: '/run/kubewright/discovery.conf' }));
    expect(JoinConfiguration.discovery).toEqual({
      file: { kubeConfigPath: '/run/kubewright/discovery.conf' },
      tlsBootstrapToken: 'abcdef.0123456789abcdef',
    });
  });
});

describe('taints', () => {
  test("are the pool's, said even when there are none, so that kubeadm adds none of its own", () => {
    expect(documents(initConfig(input)).InitConfiguration.nodeRegistration.taints).toEqual([]);
    const taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' as const };
    const tainted = initConfig({ ...input, node: { ...node, taints: [taint] } });
    expect(documents(tainted).InitConfiguration.nodeRegistration.taints).toEqual([taint]);
  });
});

describe("kubeadm's own checks", () => {
  const found = (traits: NodeTraits, unfinished?: 'init' | 'join') =>
    ({ traits, kubernetes: { unfinished } }) as Parameters<typeof ignoredPreflight>[0];

  test('all count on a server', () => {
    expect(ignoredPreflight(found(server))).toEqual([]);
  });

  test('that belong to the machine around a container are passed over', () => {
    expect(ignoredPreflight(found(container))).toEqual([
      'SystemVerification',
      'FileContent--proc-sys-net-bridge-bridge-nf-call-iptables',
      'Swap',
    ]);
  });

  test('that trip over what our own interrupted init left are passed over', () => {
    const ignored = ignoredPreflight(found(server, 'init'));
    expect(ignored).toContain('Port-6443');
    expect(ignored).not.toContain('FileAvailable--etc-kubernetes-kubelet.conf');
  });
});
