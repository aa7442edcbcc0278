import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Payload } from '../../../src/artifacts/payload.js';
import type { Event } from '../../../src/core/events.js';
import { runGraph } from '../../../src/core/scheduler.js';
import type { Step } from '../../../src/core/step.js';
import type { Arch, Cluster, LocalSpec, NodeSpec } from '../../../src/model/cluster.js';
import { localProvider } from '../../../src/providers/local/local.js';
import type { Machine, Provider, ProviderContext } from '../../../src/providers/provider.js';

/** A cluster of one test on the real container engine; dispose leaves nothing of it there. */
export interface LocalRig extends AsyncDisposable {
  readonly name: string;
  readonly folder: string;
  readonly volume: string;
  readonly context: ProviderContext;
  readonly provider: Provider;
  cluster(nodes: readonly string[], spec?: Partial<LocalSpec>): Cluster;
  /** Makes the machines and gives them by name; throws the first error. */
  up(cluster: Cluster): Promise<UpResult>;
  down(cluster: Cluster): Promise<RunResult>;
}

export interface RunResult {
  readonly changed: number;
  readonly events: readonly Event[];
}

export interface UpResult extends RunResult {
  readonly machines: Readonly<Record<string, Machine>>;
}

/** Volumes that rigs made: they are removed with the last cluster that uses them. */
export async function localRig(payload?: (arch: Arch) => Payload | Promise<Payload>): Promise<LocalRig> {
  const name = `t-${randomBytes(3).toString('hex')}`;
  const folder = await mkdtemp(join(tmpdir(), `kubewright-${name}-`));
  const stateDirectory = join(folder, 'state');
  await mkdir(stateDirectory, { mode: 0o700 });
  const volume = `kubewright-${name}-store`;
  const provider = localProvider({ cacheDirectory: join(folder, 'cache'), storeVolume: volume });
  const make = payload ?? ((arch: Arch) => smallPayload(folder, arch));
  const context: ProviderContext = { stateDirectory, payload: async (arch) => make(arch) };
  const clusters = new Set<string>([name]);
  return {
    ...{ name, folder, volume, context, provider },
    cluster: (nodes, spec = {}) => clusterOf(name, nodes, spec),
    async up(cluster) {
      clusters.add(cluster.name);
      const graph = await provider.machines(cluster, context);
      const { result, ...run } = await runAll(graph.steps);
      const machines = [...graph.machines].map(([node, step]) => [node, result.output(step)] as const);
      return { ...run, machines: Object.fromEntries(machines) as Record<string, Machine> };
    },
    async down(cluster) {
      const { result: _, ...run } = await runAll(await provider.destroy(cluster, context));
      return run;
    },
    async [Symbol.asyncDispose]() {
      for (const cluster of clusters) {
        const filter = `label=kubewright.cluster=${cluster}`;
        const ids = (await docker('ps', '-aq', '--filter', filter)).split('\n').filter(Boolean);
        if (ids.length > 0) await docker('rm', '-fv', ...ids);
        const networks = (await docker('network', 'ls', '-q', '--filter', filter)).split('\n').filter(Boolean);
        if (networks.length > 0) await docker('network', 'rm', ...networks);
      }
      await execa('docker', ['volume', 'rm', '-f', volume], { reject: false });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function runAll(steps: readonly Step[]) {
  const events: Event[] = [];
  const signal = new AbortController().signal;
  const limits = { 'machine-create': 8 };
  const result = await runGraph(steps, {
    mode: 'apply',
    limits,
    stop: signal,
    abort: signal,
    emit: (event) => events.push(event),
  });
  const [failed] = [...result.outcomes.values()].flatMap(({ error }) => (error === undefined ? [] : [error]));
  if (failed !== undefined) throw failed;
  return { result, changed: result.changed, events };
}

/** Runs docker and gives its stdout; rejects when it fails. */
export async function docker(...args: readonly string[]): Promise<string> {
  return (await execa('docker', args)).stdout;
}

function clusterOf(name: string, nodes: readonly string[], spec: Partial<LocalSpec>): Cluster {
  return {
    name,
    kubernetes: { version: '1.36.3' },
    engine: 'native',
    provider: { kind: 'local', ...spec },
    nodes: nodes.map(
      (node): NodeSpec => ({
        name: node,
        pool: node,
        roles: [node.startsWith('cp') ? 'control-plane' : 'worker'],
        labels: {},
        taints: [],
      }),
    ),
    network: {
      cni: 'flannel',
      podCidr: '10.244.0.0/16',
      serviceCidr: '10.96.0.0/16',
      clusterDomain: 'cluster.local',
      upstreamDns: [],
    },
    api: { port: 6443, extraNames: [] },
    artifacts: { source: 'auto', mirrors: {} },
  };
}

/** Two files that stand in for binaries: what a payload is, without its size. */
async function smallPayload(folder: string, arch: Arch): Promise<Payload> {
  const files = ['kubelet', 'kubeadm'].map((name) => ({ name, content: `#!/bin/sh\necho ${name}\n` }));
  return {
    arch,
    kubernetesVersion: '1.36.3',
    source: 'cache',
    images: [],
    files: await Promise.all(
      files.map(async ({ name, content }) => {
        const path = join(folder, name);
        await writeFile(path, content);
        const sha256 = createHash('sha256').update(content).digest('hex');
        return {
          ...{ name, version: 'v1', destination: `/usr/local/bin/${name}`, sha256, size: content.length, path },
          roles: ['control-plane', 'worker'] as const,
        };
      }),
    ),
  };
}
