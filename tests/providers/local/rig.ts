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
import type { LocalSettings } from '../../../src/providers/local/local-run.js';
import type { Machine, Provider, ProviderContext } from '../../../src/providers/provider.js';
import { sh } from '../../../src/transport/command.js';
import { connectSsh } from '../../../src/transport/ssh/connect.js';

/** A cluster of one test on the real container engine; dispose leaves nothing of it there. */
export interface LocalRig extends AsyncDisposable {
  readonly name: string;
  readonly folder: string;
  readonly volume: string;
  readonly context: ProviderContext;
  readonly provider: Provider;
  readonly settings: LocalSettings;
  cluster(nodes: readonly string[], spec?: Partial<LocalSpec>, suffix?: string): Cluster;
  payload(): Promise<Payload>;
  /** Has the payload's files have other content from now on. */
  setPayloadVersion(version: string): void;
  /** Has a payload file hold something else than it should; undefined: mends it. */
  damage(path: string, content: string | undefined): void;
  /** Makes the machines and gives them by name; throws the first error. `instead`: places other than the rig's. */
  up(cluster: Cluster, instead?: Partial<Places>): Promise<UpResult>;
  /** Removes the cluster by the provider's own steps. */
  down(cluster: Cluster): Promise<RunResult>;
}

interface Places {
  readonly stateDirectory: string;
  readonly cacheDirectory: string;
}

export interface RigOptions {
  readonly cacheDirectory?: string;
}

export interface RunResult {
  readonly changed: number;
  readonly events: readonly Event[];
}

export interface UpResult extends RunResult {
  readonly machines: Readonly<Record<string, Machine>>;
}

/** What was found out about the engine is shared: it is the same one. */
const cacheDirectory = join(tmpdir(), `kubewright-test-cache-${process.pid}`);

/** Removes what rigs share. */
export async function removeSharedCache(): Promise<void> {
  await rm(cacheDirectory, { recursive: true, force: true });
}

export async function localRig(options: RigOptions = {}): Promise<LocalRig> {
  const name = `t-${randomBytes(3).toString('hex')}`;
  const folder = await mkdtemp(join(tmpdir(), `kubewright-${name}-`));
  const stateDirectory = join(folder, 'state');
  await mkdir(stateDirectory, { mode: 0o700 });
  const volume = `kubewright-${name}-store`;
  const settings = { cacheDirectory: options.cacheDirectory ?? cacheDirectory, storeVolume: volume };
  const provider = localProvider(settings);
  let version = 'v1';
  const damaged = new Map<string, string>();
  const context: ProviderContext = {
    stateDirectory,
    async payload(arch) {
      const payload = await smallPayload(folder, arch, version);
      await Promise.all([...damaged].map(([path, content]) => writeFile(path, content)));
      return payload;
    },
  };
  const clusters = new Set<string>([name]);
  return {
    ...{ name, folder, volume, context, provider, settings },
    cluster: (nodes, spec = {}, suffix = '') => clusterOf(`${name}${suffix}`, nodes, spec),
    setPayloadVersion(wanted) {
      version = wanted;
    },
    damage(path, content) {
      if (content === undefined) damaged.delete(path);
      else damaged.set(path, content);
    },
    payload: () => smallPayload(folder, 'amd64', version),
    async up(cluster, instead = {}) {
      clusters.add(cluster.name);
      const graph = await localProvider({ ...settings, ...instead }).machines(cluster, { ...context, ...instead });
      const { result, ...run } = await runSteps(graph.steps);
      const machines = [...graph.machines].map(([node, step]) => [node, result.output(step)] as const);
      return { ...run, machines: Object.fromEntries(machines) as Record<string, Machine> };
    },
    async down(cluster) {
      return runSteps(await provider.destroy(cluster, context));
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

/** Runs steps to the end; rejects with the first error. */
export async function runSteps(steps: readonly Step[]) {
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

/** Runs a command on a machine over SSH, its host key checked, and gives its stdout; rejects when it fails. */
export async function onMachine(machine: Machine | undefined, script: string): Promise<string> {
  if (machine === undefined) throw new Error('there is no such machine');
  const signal = AbortSignal.timeout(30_000);
  await using transport = await connectSsh(machine.ssh, { signal, timeoutMs: 20_000 });
  const { code, stdout, stderr } = await transport.run(sh`sh -c ${script}`, { signal, timeoutMs: 20_000 });
  if (code !== 0) throw new Error(`${script}: ${code}\n${stdout}${stderr}`);
  return stdout.trim();
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
    api: { port: 6443, extraNames: [], endpoint: { kind: 'node-local' } },
    artifacts: { source: 'auto', mirrors: {} },
  };
}

/** Two files that stand in for binaries: what a payload is, without its size. */
async function smallPayload(folder: string, arch: Arch, version: string): Promise<Payload> {
  const files = ['kubelet', 'kubeadm'].map((name) => ({ name, content: `#!/bin/sh\necho ${name} ${version}\n` }));
  return {
    arch,
    kubernetesVersion: '1.36.3',
    source: 'cache',
    images: [],
    files: await Promise.all(
      files.map(async ({ name, content }) => {
        const path = join(folder, `${name}-${version}`);
        await writeFile(path, content);
        const sha256 = createHash('sha256').update(content).digest('hex');
        return {
          ...{ name, version, destination: `/usr/local/bin/${name}`, sha256, size: content.length, path },
          roles: ['control-plane', 'worker'] as const,
        };
      }),
    ),
  };
}
