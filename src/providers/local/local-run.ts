import type { ReadStep, StepRef } from '../../core/step.js';
import type { Cluster, LocalSpec } from '../../model/cluster.js';
import type { ProviderContext } from '../provider.js';
import { type Abilities, findAbilities } from './abilities.js';
import { refuseConflicts } from './conflicts.js';
import type { Containers } from './containers.js';
import { listContainers } from './containers.js';
import { type Engine, findEngine } from './engine.js';
import { allNetworks, type EngineNetwork, ownNetwork } from './engine-networks.js';
import { imageName } from './image-recipe.js';
import { ensureInotify } from './inotify.js';
import { type ClusterKey, ensureClusterKey } from './keys.js';
import { networkName } from './labels.js';

/**
 * What the steps of one run share: each thing is asked of the engine at most once, when the first step wants it,
 * so that a run that changes nothing takes two calls. What it tells is how things were when the run began.
 */
export interface LocalRun {
  readonly cluster: Cluster;
  readonly spec: LocalSpec;
  readonly context: ProviderContext;
  readonly settings: LocalSettings;
  /** The name of the image that nodes and helpers are made from. */
  readonly image: string;
  readonly engineStep: StepRef<Engine>;
  engine(signal: AbortSignal): Promise<Engine>;
  containers(signal: AbortSignal): Promise<Containers>;
  /** What the engine can do, found out with the node image. */
  abilities(signal: AbortSignal): Promise<Abilities>;
  /** The cluster's network; undefined when there is none. Errors: `name-taken`. */
  network(signal: AbortSignal): Promise<EngineNetwork | undefined>;
  /** All networks of the engine. */
  networks(signal: AbortSignal): Promise<readonly EngineNetwork[]>;
  /** The key that all new nodes let in; made by the first that is made. */
  newKey(signal: AbortSignal): Promise<ClusterKey>;
  /** Does every wanted node exist? Then nothing is needed to make one. */
  isComplete(signal: AbortSignal): Promise<boolean>;
  /** Is every wanted node running? Then nothing is needed to start one either. */
  isRunning(signal: AbortSignal): Promise<boolean>;
}

export interface LocalSettings {
  /** Where what is found out about engines is kept, for all clusters. */
  readonly cacheDirectory: string;
  /** The volume that artifacts lie in, one for all clusters of an engine. */
  readonly storeVolume: string;
}

/** The shared view of one run, and the step that looks at the engine. */
export function localRun(
  cluster: Cluster,
  spec: LocalSpec,
  context: ProviderContext,
  settings: LocalSettings,
): LocalRun & { readonly engineStep: ReadStep<Engine> } {
  const { image = imageName() } = spec;
  const { cacheDirectory } = settings;
  const engine = once((signal) => findEngine(spec.engine, signal));
  const containers = once(async (signal) => listContainers(await engine(signal), cluster.name, signal));
  const run: LocalRun & { readonly engineStep: ReadStep<Engine> } = {
    ...{ cluster, spec, context, settings, image, engine, containers },
    abilities: once(async (signal) => findAbilities(await engine(signal), { image, cacheDirectory, signal })),
    networks: once(async (signal) => allNetworks(await engine(signal), signal)),
    network: once(async (signal) => ownNetwork(await engine(signal), networkName(cluster.name), cluster.name, signal)),
    newKey: once(() => ensureClusterKey(context.stateDirectory, cluster.name)),
    engineStep: {
      id: 'local/engine',
      title: 'look at the container engine',
      phase: 'machines',
      kind: 'read',
      needs: [],
      timeoutMs: 60_000,
      async read(step) {
        await refuseConflicts(run, step.signal);
        await ensureInotify(run, step);
        return engine(step.signal);
      },
    },
    async isComplete(signal) {
      const { nodes } = await containers(signal);
      return cluster.nodes.every(({ name }) => nodes.has(name));
    },
    async isRunning(signal) {
      const { nodes } = await containers(signal);
      return cluster.nodes.every(({ name }) => nodes.get(name)?.state === 'running');
    },
  };
  return run;
}

/** Asks once and remembers the answer; a failure is asked again. */
function once<Result>(ask: (signal: AbortSignal) => Promise<Result>): (signal: AbortSignal) => Promise<Result> {
  let known: Promise<Result> | undefined;
  return (signal) => {
    if (known !== undefined) return known;
    const asking = ask(signal);
    asking.catch(() => {
      known = undefined;
    });
    known = asking;
    return asking;
  };
}
