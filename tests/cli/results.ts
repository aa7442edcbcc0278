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
      machine: 'running',
      ready: true,
      version: 'v1.36.3',
      address: '172.18.0.2',
      certificatesExpire: '2027-11-24T00:00:00Z',
      problems: [],
    },
    { name: 'workers-1', role: 'worker', machine: 'stopped', ready: false, problems: ['the machine is stopped'] },
  ],
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
