import { configError } from '../../../src/config/diagnostics.js';
import { parseConfig } from '../../../src/config/load.js';
import type { KubewrightError } from '../../../src/core/errors.js';
import type { Emit, Event } from '../../../src/core/events.js';
import { failureOf, type GraphResult } from '../../../src/core/graph-result.js';
import type { ReadStep, Step } from '../../../src/core/step.js';
import type { Leaving, LeavingNode } from '../../../src/engines/native/departures.js';
import { nativeGraph } from '../../../src/engines/native/engine.js';
import { resetStep } from '../../../src/engines/native/reset.js';
import type { Cluster, NodeSpec } from '../../../src/model/cluster.js';
import { runSteps } from '../../../src/operations/graph-run.js';
import { createHostPool, type HostPool } from '../../../src/operations/host-pool.js';
import type { Machine } from '../../../src/providers/provider.js';
import type { SshTarget } from '../../../src/transport/target.js';
import { type ApiServer, startApiServer } from './api-server.js';
import { connectFake, type Session } from './connect.js';
import { FakeMachine } from './machine.js';
import { type FakePayload, layOutPayload } from './payload.js';
import { World } from './world.js';

export interface FleetSize {
  readonly controlPlanes: number;
  readonly workers: number;
  /** Default: whole. */
  readonly payload?: 'whole' | 'small';
}

/** How one run differs from a plain one. */
export interface FleetRun {
  /** Nodes of the cluster that are not wanted any more. */
  readonly leaving?: readonly string[];
  /** Leave them out altogether: nobody knows of them yet. */
  readonly without?: readonly string[];
  readonly forceUnreachable?: boolean;
  /** Told every event, while it is told. */
  readonly onEvent?: Emit;
  /** How hosts are reached. Default: fake connections. */
  readonly connect?: HostPool['open'];
}

export interface FleetResult extends GraphResult {
  readonly steps: readonly Step[];
  readonly events: readonly Event[];
  readonly error: KubewrightError | undefined;
  /** By host: what this run cost. */
  readonly traffic: ReadonlyMap<string, { readonly connections: number; readonly scripts: number }>;
  /** Nodes that were drained, in order. */
  readonly drained: readonly string[];
}

/** Machines that kubewright makes a cluster of, all in this process. */
export interface Fleet extends AsyncDisposable {
  readonly world: World;
  machine(name: string): FakeMachine;
  readonly cluster: Cluster;
  up(run?: FleetRun): Promise<FleetResult>;
  plan(run?: FleetRun): Promise<FleetResult>;
  /** Ends the run that is under way as `kill -9` would: nothing that it has begun goes on, nothing of it is said any more. */
  kill(): void;
  /** A new machine takes the place of this one, which is gone: same name, same address, nothing on it. */
  replace(name: string): Promise<FakeMachine>;
}

/** A fleet of "cp-1", "cp-2"… and "worker-1", "worker-2"…: bare machines that are on. */
export async function startFleet(size: FleetSize): Promise<Fleet> {
  const world = new World();
  const laid: FakePayload = await layOutPayload(size.payload);
  const cluster = clusterOf(size);
  const servers = new Map<string, ApiServer>();
  let session: (Session & { killed: boolean }) | undefined;
  let abort = new AbortController();

  const boot = async ({ name, roles, host }: NodeSpec): Promise<FakeMachine> => {
    const machine = new FakeMachine(name, host?.address ?? '', world);
    world.machines.set(name, machine);
    if (roles.includes('control-plane')) {
      await servers.get(name)?.[Symbol.asyncDispose]();
      servers.set(name, await startApiServer(machine));
    }
    return machine;
  };
  for (const node of cluster.nodes) await boot(node);

  const machineOf = (node: NodeSpec): Machine => {
    const { name, address } = machine(node.name);
    const api = servers.get(name);
    return {
      name,
      address,
      ssh: targetOf(name, address),
      ...(api === undefined ? {} : { api: { host: '127.0.0.1', port: api.port } }),
    };
  };
  const machine = (name: string): FakeMachine => {
    const found = world.machines.get(name);
    if (found === undefined) throw new Error(`there is no fake machine ${name}`);
    return found;
  };

  async function run(mode: 'plan' | 'apply', options: FleetRun): Promise<FleetResult> {
    const own = { killed: false };
    session = own;
    abort = new AbortController();
    const { leaving = [], without = [], connect } = options;
    const wanted = cluster.nodes.filter(({ name }) => !leaving.includes(name) && !without.includes(name));
    const wantedCluster: Cluster = { ...cluster, nodes: wanted };
    const before = new Map([...world.machines].map(([name, { traffic }]) => [name, { ...traffic }]));
    const drained: string[] = [];
    await using hosts = createHostPool(connect ?? ((target, signal) => connectFake(machine(target.name), own, signal)));
    const going: readonly LeavingNode[] = cluster.nodes
      .filter(({ name }) => leaving.includes(name))
      .map((node) => ({ node, machine: machineOf(node) }));
    const machines = wanted.map((node) => machineStep(node, machineOf(node)));
    const native = nativeGraph(
      {
        cluster: wantedCluster,
        machines: new Map(machines.map((step) => [step.host ?? '', step])),
        payload: async () => laid.payload,
        openHost: hosts.open,
        rememberSecret: () => {},
      },
      {
        nodes: going,
        forceUnreachable: options.forceUnreachable ?? false,
        needs: [],
        drain: async ({ name }) => void drained.push(name),
      } satisfies Leaving,
    );
    const resets = going.map(({ node }) =>
      resetStep(
        node,
        { id: `${node.name}/machine` },
        { openHost: hosts.open },
        { needs: [`${node.name}/leave`], seen: { id: `${node.name}/facts` } },
      ),
    );
    const steps = [...machines, ...native.steps, ...resets];
    const events: Event[] = [];
    const result = await runSteps(steps, {
      ...{ verb: mode === 'plan' ? 'plan' : 'up', mode, cluster: wantedCluster, operator: operatorOf(abort.signal) },
      emit(event) {
        events.push(event);
        options.onEvent?.(event);
      },
    });
    result.output(native.access)?.client[Symbol.dispose]();
    const traffic = new Map(
      [...world.machines].map(([name, { traffic: now }]) => {
        const { connections = 0, scripts = 0 } = before.get(name) ?? {};
        return [name, { connections: now.connections - connections, scripts: now.scripts - scripts }];
      }),
    );
    return { ...result, steps, events, traffic, drained, error: failureOf(result) };
  }

  return {
    world,
    cluster,
    machine,
    up: (options = {}) => run('apply', options),
    plan: (options = {}) => run('plan', options),
    kill() {
      if (session !== undefined) session.killed = true;
      abort.abort();
    },
    async replace(name) {
      machine(name).powerOff();
      const node = cluster.nodes.find((candidate) => candidate.name === name);
      if (node === undefined) throw new Error(`there is no node ${name}`);
      return await boot(node);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...servers.values()].map((server) => server[Symbol.asyncDispose]()));
      await laid[Symbol.asyncDispose]();
    },
  };
}

function clusterOf({ controlPlanes, workers }: FleetSize): Cluster {
  const hosts = (name: string, count: number, from: number) =>
    Array.from({ length: count }, (_, index) => {
      const place = from + index;
      return `{name: ${name}-${index + 1}, address: 10.0.${place >> 8}.${place & 255}}`;
    }).join(', ');
  const config = parseConfig(
    `apiVersion: kubewright/v1alpha1
name: fleet
provider: {hosts: {user: root, hostKey: trust-on-first-use}}
nodes:
  control-plane: {hosts: [${hosts('cp', controlPlanes, 11)}]}
${workers === 0 ? '' : `  workers: {hosts: [${hosts('worker', workers, 256)}]}`}
network: {podCidr: 10.128.0.0/12}
`,
    'fleet.yaml',
  );
  if (!config.ok) throw configError(config.diagnostics, config.text);
  return config.cluster;
}

function machineStep(node: NodeSpec, machine: Machine): ReadStep<Machine> {
  return {
    kind: 'read',
    id: `${node.name}/machine`,
    title: 'look up how to reach it',
    phase: 'machines',
    host: node.name,
    needs: [],
    timeoutMs: 1_000,
    read: async () => machine,
  };
}

function targetOf(name: string, address: string): SshTarget {
  return {
    name,
    address,
    port: 22,
    user: 'root',
    identity: { kind: 'default' },
    hostKeys: { kind: 'pinned', keys: [] },
  };
}

function operatorOf(abort: AbortSignal) {
  return {
    emit: () => {},
    stop: new AbortController().signal,
    abort,
    confirm: async () => true,
    askSecret: async () => '',
  };
}
