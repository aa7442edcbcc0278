import { KubewrightError } from '../../core/errors.js';
import type { Change, ChangeStep, StepContext } from '../../core/step.js';
import { type Cidr, formatCidr, parseCidr } from '../../model/cidr.js';
import { assignAddresses } from './addresses.js';
import { callEngine, tryEngine } from './call-engine.js';
import { claimsOn } from './claims.js';
import type { Engine } from './engine.js';
import { engineFailure } from './engine-failure.js';
import { type EngineNetwork, MTU } from './engine-networks.js';
import { labelFlags, networkName } from './labels.js';
import type { LocalRun } from './local-run.js';
import { chooseSubnet, needRoomFor, wantedSubnet } from './subnet.js';

/** The cluster's network, and the address of each of its nodes. */
export interface NodeNetwork {
  readonly name: string;
  readonly subnet: string;
  /** By node name. */
  readonly addresses: ReadonlyMap<string, string>;
}

/** The step that has the engine hold a network of the cluster's own, on a subnet that nothing else uses. */
export function networkStep(run: LocalRun): ChangeStep<NodeNetwork> {
  const { cluster } = run;
  const name = networkName(cluster.name);
  return {
    id: 'local/network',
    title: 'make the network of the nodes',
    phase: 'machines',
    kind: 'change',
    needs: [run.engineStep.id],
    timeoutMs: 3 * 60_000,
    async check({ signal }) {
      const { nodes } = await run.containers(signal);
      const subnet = [...nodes.values()][0]?.subnet;
      if (subnet !== undefined && (await run.isRunning(signal))) {
        return { kind: 'current', output: await layOut(run, { name, subnet, taken: [] }, signal) };
      }
      const found = await run.network(signal);
      const changes = found === undefined ? [create(name)] : misfit(found, run, nodes.size);
      if (found === undefined || changes.length > 0) return { kind: 'drifted', changes };
      return { kind: 'current', output: await layOut(run, existing(found), signal) };
    },
    async apply(context, changes) {
      const { signal } = context;
      const engine = await run.engine(signal);
      if (changes.some(({ action }) => action === 'delete'))
        await callEngine(engine, ['network', 'rm', name], { signal });
      const subnet = await createNetwork(engine, name, run, context);
      return layOut(run, { name, subnet: formatCidr(subnet), taken: [] }, signal);
    },
  };
}

function create(name: string): Change {
  return { action: 'create', what: `network ${name}`, why: 'missing' };
}

/** A network without nodes is made anew when it is not as wanted; under nodes it stays. */
function misfit(found: EngineNetwork, { spec }: LocalRun, nodes: number): readonly Change[] {
  if (nodes > 0) return [];
  const { subnet } = existing(found);
  const wanted = spec.subnet === undefined ? undefined : parseCidr(spec.subnet);
  if (parseCidr(subnet) !== undefined && (wanted === undefined || formatCidr(wanted) === subnet)) return [];
  return [
    { action: 'delete', what: `network ${found.name}`, why: `its subnet is ${subnet === '' ? 'unknown' : subnet}` },
    create(found.name),
  ];
}

function existing(found: EngineNetwork) {
  return { name: found.name, subnet: found.subnets[0] ?? '', taken: found.addresses };
}

async function layOut(
  run: LocalRun,
  network: { readonly name: string; readonly subnet: string; readonly taken: readonly string[] },
  signal: AbortSignal,
): Promise<NodeNetwork> {
  const { nodes } = await run.containers(signal);
  const subnet = parseCidr(network.subnet);
  if (subnet === undefined) throw new KubewrightError('internal', `${network.name} has no subnet: ${network.subnet}`);
  const known = new Map([...nodes.values()].map(({ node, address }) => [node, address]));
  const names = run.cluster.nodes.map((node) => node.name);
  const addresses = assignAddresses(names, { subnet, known, taken: network.taken });
  if (addresses !== undefined) return { name: network.name, subnet: network.subnet, addresses };
  needRoomFor(new Set([...names, ...known.keys()]).size, subnet);
  throw new KubewrightError('subnet-too-small', `The subnet ${network.subnet} has no free address left`, {
    hint: `Other containers on the network ${network.name} take ${network.taken.length} of them.`,
  });
}

/** The engine has the last word on what is free: where it knows better than we, the next subnet is tried. */
async function createNetwork(engine: Engine, name: string, run: LocalRun, { signal }: StepContext): Promise<Cidr> {
  const claims = [...(await claimsOn(run, signal))];
  // Where packets must be smaller, docker is told so for its own network: ours lies on the same wires.
  const mtu = (await run.networks(signal)).find((network) => network.name === 'bridge')?.mtu;
  const count = run.cluster.nodes.length;
  // Nodes that are there already have their addresses: a lost network is made again as it was.
  const [node] = (await run.containers(signal)).nodes.values();
  const wanted = node?.subnet ?? run.spec.subnet;
  for (;;) {
    const subnet = wanted === undefined ? chooseSubnet(claims, count) : wantedSubnet(wanted, claims);
    needRoomFor(count, subnet);
    const options = engine.program === 'docker' && mtu !== undefined ? ['--opt', `${MTU}=${mtu}`] : [];
    const args = [
      ...['network', 'create', '--driver', 'bridge', '--subnet', formatCidr(subnet), ...options],
      ...[...labelFlags({ cluster: run.cluster.name }), name],
    ];
    const result = await tryEngine(engine, args, { signal });
    if (result.code === 0) return subnet;
    const failure = engineFailure(engine.program, args, result);
    if (!/overlap|already (used|in use)|conflicts with network/i.test(result.stderr)) throw failure;
    if (/network with name \S+ already/i.test(result.stderr)) throw failure;
    claims.unshift({ cidr: subnet, by: `${engine.program} says: ${result.stderr.trim()}` });
  }
}
