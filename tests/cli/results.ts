import type { PlanResult, StatusResult, TunnelResult, UpResult } from '../../src/operations/results.js';

export const UP: UpResult = {
  cluster: 'demo',
  changed: 24,
  unchanged: 3,
  ms: 41_230,
  kubeconfig: {
    path: '/home/ann/.kube/config',
    context: 'demo',
    current: true,
    server: 'https://172.18.0.2:6443',
    form: 'direct',
  },
  kubectl: '/home/ann/.local/bin/kubectl',
  nodes: 'NAME              STATUS   ROLES\ncontrol-plane-1   Ready    control-plane\n',
  next: [
    { command: 'kubectl get pods -A', why: 'everything that runs' },
    { command: 'kubewright down', why: 'remove it all' },
  ],
};

export const PLAN: PlanResult = {
  cluster: 'demo',
  unchanged: 12,
  steps: [
    {
      id: 'network',
      title: 'make the network',
      phase: 'machines',
      verdict: 'change',
      changes: [{ action: 'create', what: 'network kubewright-demo', why: 'missing' }],
    },
    {
      id: 'workers-1/containerd',
      title: 'configure containerd',
      phase: 'runtime',
      host: 'workers-1',
      verdict: 'change',
      changes: [
        {
          action: 'update',
          what: '/etc/containerd/config.toml',
          why: 'content differs',
          diff: '--- is\n+++ shall be\n@@ -1,2 +1,2 @@\n version = 3\n-SystemdCgroup = false\n+SystemdCgroup = true\n',
        },
        { action: 'run', what: 'systemctl restart containerd', disruptive: true },
        { action: 'delete', what: '/etc/containerd/old.toml' },
      ],
    },
    {
      id: 'workers-1/join',
      title: 'join the cluster',
      phase: 'join',
      host: 'workers-1',
      verdict: 'unknown',
      changes: [],
    },
  ],
};

export const STATUS: StatusResult = {
  cluster: 'demo',
  server: 'https://172.18.0.2:6443',
  apiReachable: true,
  healthy: false,
  nodes: [
    {
      name: 'control-plane-1',
      role: 'control-plane',
      wanted: true,
      machine: 'running',
      ready: true,
      version: 'v1.36.3',
      address: '172.18.0.2',
      certificatesExpire: '2027-11-24T00:00:00Z',
      pendingChanges: 0,
      problems: [],
    },
    {
      name: 'workers-1',
      role: 'worker',
      wanted: true,
      machine: 'stopped',
      ready: false,
      problems: ['the machine is stopped'],
    },
  ],
  apiServers: [{ name: 'control-plane-1', server: 'https://172.18.0.2:6443', answers: true }],
  etcd: {
    members: [{ id: '3130fbbb047a3cf6', name: 'control-plane-1', votes: true, healthy: true }],
    ...{ voters: 1, healthy: 1, needed: 1 },
  },
  strangers: [],
  drift: { changes: 0, addons: 0 },
  problems: [],
};

/** A cluster that grows and shrinks, one of whose three control planes is down, among what else there can be. */
export const BUSY_STATUS: StatusResult = {
  ...STATUS,
  nodes: [
    ...[1, 2].map((number) => ({
      ...{ name: `control-plane-${number}`, role: 'control-plane', wanted: true, machine: 'running' as const },
      ...{ ready: true, version: 'v1.36.3', address: `172.18.0.${number + 1}`, problems: [] },
      ...{ certificatesExpire: '2027-11-24T00:00:00Z', pendingChanges: number - 1 },
    })),
    {
      ...{ name: 'control-plane-3', role: 'control-plane', wanted: true, machine: 'unreachable', ready: false },
      ...{ version: 'v1.36.3', address: '172.18.0.4' },
      problems: [
        '(172.18.0.4:22) cannot be reached: it does not answer. It was waited for 5 s.',
        'not Ready: Kubelet stopped posting node status.',
      ],
    },
    ...[1, 2].map((number) => ({
      ...{ name: `workers-${number}`, role: 'worker', wanted: true, machine: 'running' as const, ready: true },
      ...{ version: 'v1.36.3', address: `172.18.0.${number + 4}`, pendingChanges: 2 },
      problems: ['kubewright-api.service, its way to the API servers, is failed'],
    })),
    {
      ...{ name: 'workers-9', role: 'worker', wanted: false, machine: 'running', ready: true, problems: [] },
      ...{ version: 'v1.36.3', address: '172.18.0.13' },
    },
  ],
  apiServers: [
    { name: 'control-plane-1', server: 'https://172.18.0.2:6443', answers: true },
    { name: 'control-plane-2', server: 'https://172.18.0.3:6443', answers: true },
    { name: 'control-plane-3', server: 'https://172.18.0.4:6443', answers: false, error: 'no answer within 4 s' },
  ],
  etcd: {
    members: [
      { id: '3130fbbb047a3cf6', name: 'control-plane-1', votes: true, healthy: true },
      { id: '3fd0a7273c87342c', name: 'control-plane-2', votes: true, healthy: true },
      {
        ...{ id: '8ea778d031097053', name: 'control-plane-3', votes: true, healthy: false },
        error: 'context deadline exceeded',
      },
    ],
    ...{ voters: 3, healthy: 2, needed: 2 },
  },
  strangers: [{ name: 'laptop', ready: true, version: 'v1.36.1' }],
  drift: { changes: 6, addons: 1 },
};

export const TUNNEL: NonNullable<TunnelResult['tunnel']> = {
  cluster: 'demo',
  pid: 4711,
  port: 21_234,
  startedAt: '2026-11-24T00:00:00Z',
  connections: 2,
  servers: [
    {
      name: 'control-plane-1',
      host: '10.0.0.11',
      port: 6443,
      state: 'failing',
      why: 'no answer in time',
      preferred: false,
      connections: 0,
    },
    { name: 'control-plane-2', host: '10.0.0.12', port: 6443, state: 'ready', preferred: true, connections: 2 },
  ],
};
