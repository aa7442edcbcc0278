import { z } from 'zod';
import type { ExistingMachine } from '../provider.js';
import { callEngine } from './call-engine.js';
import type { Engine } from './engine.js';
import { LABEL } from './labels.js';

/** A container of a cluster's node, as its labels tell. */
export interface NodeContainer {
  readonly id: string;
  readonly name: string;
  /** `unborn`: made, but never started: whoever made it was killed. */
  readonly state: ExistingMachine['state'] | 'unborn' | 'paused';
  readonly image: string;
  readonly node: string;
  /** Joined by commas. */
  readonly roles: string;
  readonly address: string;
  readonly subnet: string;
  readonly hostKey: string;
  readonly clientKey: string;
  readonly ports: PublishedPorts;
  readonly instance: string;
  readonly seed: string;
  readonly made: string;
}

/** Where on the operator's 127.0.0.1 ports of a node are, by the node's port. */
export type PublishedPorts = ReadonlyMap<number, number>;

export interface Containers {
  /** Nodes of the cluster, by node name. */
  readonly nodes: ReadonlyMap<string, NodeContainer>;
  /** Containers that were to be nodes of the cluster and hold nothing yet, by node name. */
  readonly unborn: ReadonlyMap<string, NodeContainer>;
  /** Every container of the engine that is not the cluster's, by its name: whose it is, in words. */
  readonly others: ReadonlyMap<string, string>;
  /** How many of those that run are nodes of other clusters. */
  readonly otherNodes: number;
}

/** Everything about all containers in one call. */
export async function listContainers(engine: Engine, cluster: string, signal: AbortSignal): Promise<Containers> {
  const output = await callEngine(engine, ['ps', '--all', '--no-trunc', '--format', formatFor(engine)], { signal });
  const nodes = new Map<string, NodeContainer>();
  const unborn = new Map<string, NodeContainer>();
  const others = new Map<string, string>();
  let otherNodes = 0;
  for (const line of output.split('\n').filter((text) => text !== '')) {
    const row = parseRow(line);
    if (row.cluster === cluster && row.node !== '') {
      const container = containerOf(row);
      (container.state === 'unborn' ? unborn : nodes).set(row.node, container);
    } else {
      for (const name of row.names.split(',')) others.set(name, ownerOf(row));
      if (row.node !== '' && stateOf(row.state) === 'running') otherNodes += 1;
    }
  }
  return { nodes, unborn, others, otherNodes };
}

const COLUMNS = [
  'cluster',
  'node',
  'roles',
  'address',
  'subnet',
  'hostKey',
  'clientKey',
  'ports',
  'instance',
  'seed',
  'made',
] as const;

/** One line of JSON a container: a label of somebody else's may hold anything. */
function formatFor({ program }: Engine): string {
  const label = (name: string) => (program === 'docker' ? `(.Label "${name}")` : `(index .Labels "${name}")`);
  const columns = ['.ID', '.Names', '.State', '.Image', ...COLUMNS.map((column) => label(LABEL[column]))];
  return `[${columns.map((column) => `{{json ${column}}}`).join(',')}]`;
}

type Row = Readonly<Record<'id' | 'names' | 'state' | 'image' | (typeof COLUMNS)[number], string>>;

function parseRow(line: string): Row {
  const [id = '', names = '', state = '', image = '', ...values] = z.array(z.string()).parse(JSON.parse(line));
  const labels = COLUMNS.map((column, index) => [column, values[index] ?? ''] as const);
  return { id, names, state, image, ...(Object.fromEntries(labels) as Record<(typeof COLUMNS)[number], string>) };
}

function containerOf(row: Row): NodeContainer {
  const { id, names, image, node, roles, address, subnet, hostKey, clientKey, instance, seed, made } = row;
  return {
    ...{ id, name: names, image, node, roles, address, subnet, hostKey, clientKey, instance, seed, made },
    state: stateOf(row.state),
    ports: parsePorts(row.ports),
  };
}

/** docker's and podman's words. */
function stateOf(state: string): NodeContainer['state'] {
  switch (state.toLowerCase()) {
    case 'running':
      return 'running';
    case 'paused':
      return 'paused';
    case 'created':
    case 'configured':
    case 'initialized':
      return 'unborn';
    case 'exited':
    case 'stopped':
    case 'dead':
      return 'stopped';
    default:
      return 'unknown';
  }
}

function ownerOf(row: Row): string {
  return row.cluster === '' ? `a container made from ${row.image}` : `a node of cluster ${row.cluster}`;
}

function parsePorts(text: string): PublishedPorts {
  return new Map(
    text
      .split(' ')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const [inside = '', outside = ''] = pair.split(':');
        return [Number(inside), Number(outside)] as const;
      }),
  );
}

/** The label's text for these ports. */
export function formatPorts(ports: PublishedPorts): string {
  return [...ports].map(([inside, outside]) => `${inside}:${outside}`).join(' ');
}
