import type { Step, StepRef } from '../core/step.js';
import { nodeStep } from '../engines/native/context.js';
import type { LeavingNode } from '../engines/native/departures.js';
import { firstControlPlane, type NativeGraph, nativeGraph } from '../engines/native/engine.js';
import type { Machine } from '../providers/provider.js';
import { type Kubectl, kubectlStep } from './kubectl-step.js';
import { drainWith, type LeavingWish } from './leaving.js';
import { removeMachines } from './remove-machines.js';
import type { Workspace } from './workspace.js';

/** The whole way from nothing to a working cluster: the provider's machines, the engine's steps on them, and what becomes of those that leave. */
export interface ClusterGraph extends Pick<NativeGraph, 'access' | 'controlPlane'> {
  readonly steps: readonly Step[];
  readonly machines: ReadonlyMap<string, StepRef<Machine>>;
  readonly kubectl: StepRef<Kubectl | undefined>;
}

/** Puts the provider's steps and the engine's together, as one graph. */
export async function clusterGraph(
  workspace: Workspace,
  leaving: readonly LeavingNode[],
  wish: LeavingWish = {},
): Promise<ClusterGraph> {
  const { cluster, provider, providerContext, payload, openHost, secrets } = workspace;
  const machines = await provider.machines(cluster, providerContext);
  // Beside the control plane's start: by then its artifacts, kubectl among them, are in the cache.
  const kubectl = kubectlStep(workspace, [nodeStep(firstControlPlane(cluster.nodes), 'prepare')]);
  const engine = nativeGraph(
    { cluster, machines: machines.machines, payload, openHost, rememberSecret: secrets.remember },
    {
      nodes: leaving,
      needs: [kubectl.id],
      drain: drainWith(kubectl, wish),
      forceUnreachable: wish.forceUnreachable ?? false,
    },
  );
  return {
    steps: [...machines.steps, ...engine.steps, kubectl, ...(await removeMachines(leaving, workspace))],
    kubectl,
    machines: machines.machines,
    access: engine.access,
    controlPlane: engine.controlPlane,
  };
}
