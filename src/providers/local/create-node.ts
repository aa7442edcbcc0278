import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { KubewrightError } from '../../core/errors.js';
import type { NodeSpec } from '../../model/cluster.js';
import { generateKeyPair } from '../../transport/ssh/keys.js';
import { type Abilities, MODULES_FLAGS } from './abilities.js';
import { callEngine } from './call-engine.js';
import { formatPorts, type NodeContainer, type PublishedPorts } from './containers.js';
import type { Engine } from './engine.js';
import { removeContainer } from './helper.js';
import type { ClusterKey } from './keys.js';
import { containerName, labelFlags } from './labels.js';
import type { LocalRun } from './local-run.js';
import { LOOPBACK, SSH_PORT } from './machine.js';
import type { NodeNetwork } from './network.js';
import { nodeFiles } from './node-files.js';
import { INIT_PATH, STORE_MOUNT } from './node-paths.js';
import { privilegeFlags } from './privileges.js';
import type { NodeStore } from './store.js';

/** What one node is made from. */
export interface NodeMaterial {
  readonly network: NodeNetwork;
  readonly store: NodeStore;
  readonly key: ClusterKey;
  /** For the label of that name. */
  readonly made: string;
}

/**
 * Makes a node's container and starts it. Its host key is made here and put into it before its first start, so that it
 * is known before the first connection. However it fails, no half-made container stays.
 */
export async function createNode(
  node: NodeSpec,
  run: LocalRun,
  material: NodeMaterial,
  signal: AbortSignal,
): Promise<NodeContainer> {
  const engine = await run.engine(signal);
  const abilities = await run.abilities(signal);
  for (let attempt = 1; ; attempt += 1) {
    const container = await draft(node, run, material, abilities);
    try {
      await callEngine(engine, createArgs(container, node, { engine, abilities, run, material }), { signal });
      await callEngine(engine, ['cp', '-', `${container.name}:/`], { signal, stdin: container.files });
      await callEngine(engine, ['start', container.name], { signal });
      return container;
    } catch (error) {
      // A container with that name is then another's.
      const code = error instanceof KubewrightError ? error.code : undefined;
      if (code !== 'name-taken') await removeContainer(engine, container.name);
      // Somebody was faster with a port that was free a moment ago.
      if (code !== 'ports-taken' || attempt === 3) throw error;
    }
  }
}

interface Draft extends NodeContainer {
  readonly files: Buffer;
}

async function draft(node: NodeSpec, run: LocalRun, material: NodeMaterial, abilities: Abilities): Promise<Draft> {
  const { cluster, image } = run;
  const { network, store, key, made } = material;
  const address = network.addresses.get(node.name);
  if (address === undefined) throw new KubewrightError('internal', `${node.name} has no address on ${network.name}`);
  const instance = randomBytes(4).toString('hex');
  const host = generateKeyPair(node.name);
  const hostKey = host.publicKey.split(' ').slice(0, 2).join(' ');
  const files = await nodeFiles({
    ...{ cluster: cluster.name, node: node.name, instance, seed: store.seed, resolvers: abilities.resolvers },
    ...{ hostKey: host.privateKey, hostPublicKey: host.publicKey, authorizedKey: key.publicKey },
  });
  return {
    ...{ id: containerName(cluster.name, node.name), name: containerName(cluster.name, node.name), state: 'unborn' },
    ...{
      image,
      node: node.name,
      roles: node.roles.join(','),
      address,
      subnet: network.subnet,
      hostKey,
      clientKey: key.fingerprint,
    },
    ...{ ports: await choosePorts(node, run, abilities), instance, seed: store.seed, made, files },
  };
}

/** Which ports are published, and where: chosen by us, since an engine's own choice changes with each start. */
async function choosePorts(node: NodeSpec, { spec, cluster }: LocalRun, { reach }: Abilities): Promise<PublishedPorts> {
  if (!(spec.publishPorts ?? reach !== 'address')) return new Map();
  const inside = node.roles.includes('control-plane') ? [SSH_PORT, cluster.api.port] : [SSH_PORT];
  const outside = await freePorts(inside.length);
  return new Map(inside.map((port, index) => [port, outside[index] ?? 0]));
}

/** Ports of 127.0.0.1 that nobody listens on, all different. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, LOOPBACK, resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

interface Surroundings {
  readonly engine: Engine;
  readonly abilities: Abilities;
  readonly run: LocalRun;
  readonly material: NodeMaterial;
}

function createArgs(
  container: Draft,
  node: NodeSpec,
  { engine, abilities, run, material }: Surroundings,
): readonly string[] {
  const { name, address, subnet, hostKey, clientKey, ports, instance, seed, made, image } = container;
  return [
    ...['create', '--name', name, '--hostname', node.name, '--network', material.network.name, '--ip', address],
    ...labelFlags({ cluster: run.cluster.name, node: node.name, roles: node.roles.join(','), address, subnet }),
    ...labelFlags({ hostKey, clientKey, ports: formatPorts(ports), instance, seed, made }),
    ...privilegeFlags(engine, abilities.privileges),
    ...(abilities.modules ? MODULES_FLAGS : []),
    // systemd's signal for "shut down", and time for pods to end.
    ...['--stop-signal', 'SIGRTMIN+3', '--stop-timeout', '30', '--restart', 'unless-stopped'],
    ...['--tmpfs', '/run:mode=755', '--tmpfs', '/tmp:exec,mode=1777'],
    // On the engine's own disk: on top of a container's layers a file system is slow, and overlayfs refuses to lie on it.
    ...['/var/lib/kubelet', '/var/lib/etcd', '/var/log'].flatMap((path) => ['--volume', path]),
    ...['--mount', `type=volume,source=${material.store.volume},target=${STORE_MOUNT}`],
    ...[...ports].flatMap(([inside, outside]) => ['--publish', `${LOOPBACK}:${outside}:${inside}`]),
    ...['--entrypoint', '/bin/sh', image, INIT_PATH],
  ];
}
