import type { ReadStep, StepRef } from '../../core/step.js';
import type { Cluster, LocalSpec } from '../../model/cluster.js';
import type { ProviderContext } from '../provider.js';
import type { Containers } from './containers.js';
import { listContainers } from './containers.js';
import { type Engine, findEngine } from './engine.js';
import { type ClusterKey, ensureClusterKey } from './keys.js';

/**
 * What the steps of one run share: each thing is asked of the engine at most once, when the first step wants it,
 * so that a run that changes nothing takes two calls. What it tells is how things were when the run began.
 */
export interface LocalRun {
  readonly cluster: Cluster;
  readonly spec: LocalSpec;
  readonly context: ProviderContext;
  readonly settings: LocalSettings;
  readonly engineStep: StepRef<Engine>;
  engine(signal: AbortSignal): Promise<Engine>;
  containers(signal: AbortSignal): Promise<Containers>;
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
  const engine = once((signal) => findEngine(spec.engine, signal));
  const containers = once(async (signal) => listContainers(await engine(signal), cluster.name, signal));
  const nodesAre = async (signal: AbortSignal, states: readonly string[]) => {
    const { nodes } = await containers(signal);
    return cluster.nodes.every(({ name }) => states.includes(nodes.get(name)?.state ?? 'missing'));
  };
  return {
    ...{ cluster, spec, context, settings, engine, containers },
    newKey: once(() => ensureClusterKey(context.stateDirectory, cluster.name)),
    engineStep: {
      id: 'local/engine',
      title: 'look at the container engine',
      phase: 'machines',
      kind: 'read',
      needs: [],
      timeoutMs: 60_000,
      async read({ signal }) {
        await containers(signal);
        return engine(signal);
      },
    },
    isComplete: (signal) => nodesAre(signal, ['running', 'paused', 'stopped']),
    isRunning: (signal) => nodesAre(signal, ['running']),
  };
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
