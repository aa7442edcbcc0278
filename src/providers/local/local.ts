import { join } from 'node:path';
import { KubewrightError } from '../../core/errors.js';
import type { LocalSpec, ProviderSpec, Role } from '../../model/cluster.js';
import { cacheDirectory } from '../../state/paths.js';
import type { Provider } from '../provider.js';
import { listContainers, type NodeContainer } from './containers.js';
import { destroyMachinesSteps, destroySteps } from './destroy.js';
import { findEngine } from './engine.js';
import { imageStep } from './image.js';
import { clusterKeyPath } from './keys.js';
import { type LocalSettings, localRun } from './local-run.js';
import { machineOf } from './machine.js';
import { networkStep } from './network.js';
import { nodeStep } from './node.js';
import { storeStep } from './store.js';

/**
 * The provider of machines that are containers on a container engine: with systemd and sshd, an address each on a
 * network of the cluster's own, and the artifacts mounted. They survive a stop and start of their containers.
 */
export function localProvider(options: Partial<LocalSettings> = {}): Provider {
  const settings = localSettings(options);
  return {
    name: 'local',
    async machines(cluster, context) {
      const run = localRun(cluster, localSpec(cluster.provider), context, settings);
      const image = imageStep(run);
      const network = networkStep(run);
      const store = storeStep(run, image);
      const nodes = cluster.nodes.map((node) => nodeStep(node, run, { image, network, store }));
      return {
        steps: [run.engineStep, image, network, store, ...nodes],
        machines: new Map(nodes.map((step) => [step.host, step])),
      };
    },
    async destroy(cluster) {
      return destroySteps(cluster.name, localSpec(cluster.provider), settings);
    },
    async destroyMachines(cluster, names) {
      return destroyMachinesSteps(cluster.name, names, localSpec(cluster.provider), settings);
    },
    async existing(cluster, context) {
      const signal = AbortSignal.timeout(60_000);
      const engine = await findEngine(localSpec(cluster.provider).engine, signal);
      const { nodes } = await listContainers(engine, cluster.name, signal);
      const identity = clusterKeyPath(context.stateDirectory);
      return [...nodes.values()].map((container) => ({
        name: container.node,
        state: container.state === 'paused' || container.state === 'unborn' ? 'stopped' : container.state,
        roles: rolesOf(container),
        machine: machineOf(container, { identity, apiPort: cluster.api.port }),
      }));
    },
  };
}

/** A node that an older kubewright made may say nothing. */
function rolesOf({ roles }: NodeContainer): readonly Role[] | undefined {
  const known = roles.split(',').filter((role): role is Role => ROLES.includes(role as Role));
  return known.length === 0 ? undefined : known;
}

const ROLES: readonly Role[] = ['control-plane', 'worker', 'etcd'];

/** The settings with their defaults. */
function localSettings(options: Partial<LocalSettings> = {}): LocalSettings {
  return { cacheDirectory: join(cacheDirectory(), 'local'), storeVolume: 'kubewright-store', ...options };
}

function localSpec(spec: ProviderSpec): LocalSpec {
  if (spec.kind === 'local') return spec;
  throw new KubewrightError('internal', `the provider local was given the settings of ${spec.kind}`);
}
