import type { KubewrightError } from '../../../src/core/errors.js';
import type { Known, StepContext, StepRef } from '../../../src/core/step.js';
import type { HostView } from '../../../src/engines/native/context.js';
import type { EtcdState } from '../../../src/engines/native/etcd/state.js';
import type { LookedAt } from '../../../src/engines/native/facts-step.js';
import type { KubernetesState } from '../../../src/engines/native/probes.js';
import { UNITS } from '../../../src/engines/native/units.js';
import type { Unit } from '../../../src/host/facts/units.js';
import { renderKubeconfig } from '../../../src/kube/kubeconfig.js';
import type { Cluster, NodeSpec, Role } from '../../../src/model/cluster.js';

/** A node by name; a control plane where the name says so. */
export function nodeNamed(name: string): NodeSpec {
  const role: Role = name.startsWith('control-plane') ? 'control-plane' : 'worker';
  return { name, pool: role, roles: [role], labels: {}, taints: [] };
}

/** The smallest cluster of these nodes. */
export function clusterOf(names: readonly string[], change: Partial<Cluster> = {}): Cluster {
  return {
    name: 'demo',
    kubernetes: { version: '1.36.3' },
    engine: 'native',
    provider: { kind: 'hosts' },
    nodes: names.map(nodeNamed),
    network: {
      ...{ cni: 'flannel', podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' },
      ...{ clusterDomain: 'cluster.local', upstreamDns: [] },
    },
    api: { port: 6443, extraNames: [], endpoint: { kind: 'node-local' } },
    artifacts: { source: 'auto', mirrors: {} },
    ...change,
  };
}

/** What kubeadm leaves on a control plane, as far as anybody reads it. */
const ADMIN_CONF = renderKubeconfig({
  name: 'demo',
  server: 'https://127.0.0.1:7443',
  credentials: { ca: 'CA', certificate: 'CERT', key: 'KEY' },
});

const FRESH: KubernetesState = {
  ...{ joined: false, controlPlane: false, rotating: false },
  ...{ version: undefined, unfinished: undefined, adminConf: undefined, ca: undefined, certificate: undefined },
};

/** A worker, or a control plane, that is a member of the cluster. */
export function joined(node: NodeSpec, change: Partial<KubernetesState> = {}): KubernetesState {
  const own = { ...FRESH, joined: true, rotating: true, ca: 'CA' };
  const isControlPlane = node.roles.includes('control-plane');
  return {
    ...own,
    ...(isControlPlane ? { controlPlane: true, version: '1.36.3', adminConf: ADMIN_CONF } : {}),
    ...change,
  };
}

/** A healthy host, as it was found. Its address is the given one. */
export function viewOf(node: NodeSpec, kubernetes: KubernetesState, address = '10.0.0.11'): HostView {
  const unit = (name: string): Unit => ({
    ...{ name, active: 'active', sub: 'running', enabled: 'enabled', startedAt: 1, restarts: 0 },
  });
  return {
    node,
    machine: { name: node.name, address, ssh: {} } as HostView['machine'],
    host: {} as HostView['host'],
    facts: {
      ...{ arch: 'amd64', systemd: true, kernel: '6.1.0-18-amd64', memoryBytes: 4e9, cpus: 2, diskFreeBytes: 50e9 },
      ...{ listening: new Set([22]), addresses: new Set([address]) },
      ...{ interfaces: new Map([[address, 'eth0']]), clockSkewMs: 0 },
    },
    traits: {
      ...{ cgroupVersion: 2, canLowerOomScore: true, container: false, swap: false, nameservers: ['10.0.0.2'] },
    },
    installed: { files: new Map(), manifest: new Map(), images: new Set(), ipForward: true },
    kubernetes,
    etcd: NO_ETCD,
    keepalived: { installed: false },
    configuration: new Map(),
    contents: new Map(),
    units: new Map(Object.values(UNITS).map((name) => [name, unit(name)])),
  };
}

/** A host on which nothing of etcd is. */
export const NO_ETCD: EtcdState = {
  ...{ member: false, data: false, authority: false },
  ...{ begun: undefined, ca: undefined, clientCertificate: undefined, servers: undefined },
};

/** A host on which nothing of Kubernetes is. */
export const FRESH_HOST = FRESH;

/** What became of the looks at hosts, by name: `known` of a step's context. */
export function knownLooks(looks: Readonly<Record<string, HostView | KubewrightError | 'unknown'>>) {
  const known = (ref: StepRef<unknown>): Known<LookedAt> => {
    const seen = looks[ref.id.split('/')[0] ?? ''];
    if (seen === undefined || seen === 'unknown') return { kind: 'unknown' };
    if ('node' in seen) return { kind: 'output', output: { kind: 'reached', view: seen } };
    return { kind: 'output', output: { kind: 'unreachable', error: seen } };
  };
  return { known } as StepContext;
}
