import type { Step, StepRef } from '../core/step.js';
import { type NativeGraph, nativeGraph } from '../engines/native/engine.js';
import type { Machine } from '../providers/provider.js';
import type { Workspace } from './workspace.js';

/** The whole way from nothing to a working cluster: the provider's machines, then the engine's steps on them. */
export interface ClusterGraph extends Pick<NativeGraph, 'access' | 'controlPlane'> {
  readonly steps: readonly Step[];
  readonly machines: ReadonlyMap<string, StepRef<Machine>>;
}

/** Puts the provider's steps and the engine's together, as one graph. */
export async function clusterGraph(workspace: Workspace): Promise<ClusterGraph> {
  const { cluster, provider, providerContext, payload, openHost, secrets } = workspace;
  const machines = await provider.machines(cluster, providerContext);
  const engine = nativeGraph({
    cluster,
    machines: machines.machines,
    payload,
    openHost,
    rememberSecret: secrets.remember,
  });
  return {
    steps: [...machines.steps, ...engine.steps],
    machines: machines.machines,
    access: engine.access,
    controlPlane: engine.controlPlane,
  };
}
