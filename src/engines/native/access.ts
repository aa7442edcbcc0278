import type { ReadStep, StepContext, StepRef } from '../../core/step.js';
import { type ApiAccess, proveAccess } from '../../kube/access.js';
import type { KubeList, KubeNode } from '../../kube/objects.js';
import { untilFound } from '../../kube/wait.js';
import type { Cluster } from '../../model/cluster.js';
import type { Machine } from '../../providers/provider.js';
import { type ControlPlaneMachines, knownMachines } from './api-servers.js';
import type { EngineContext, HostView } from './context.js';
import { apiServerUrl, controlPlaneUrl, hasBalancers } from './endpoint.js';
import type { ControlPlane } from './found-cluster.js';

/** The cluster as its API server tells it, at the moment when it was first asked in this run. */
export interface ClusterView extends ApiAccess {
  readonly nodes: ReadonlyMap<string, KubeNode>;
}

/** Proves from here that the API answers, and asks which nodes it knows. */
export function accessStep(
  controlPlane: StepRef<ControlPlane>,
  machines: ControlPlaneMachines,
  context: Pick<EngineContext, 'cluster'>,
): ReadStep<ClusterView> {
  return {
    kind: 'read',
    id: 'cluster/access',
    title: 'reach the API server',
    phase: 'control plane',
    needs: [controlPlane.id],
    after: [...machines.values()].map(({ id }) => id),
    timeoutMs: API_START_MS + 30_000,
    async read(step) {
      const { adminConf, members } = step.output(controlPlane);
      const candidates = candidatesOf(step, { cluster: context.cluster, members, machines });
      const prove = () => proveAccess(adminConf, candidates, step.signal);
      // A control plane that was rebooted a moment ago needs a while; `plan` tells how it is now.
      const access =
        step.mode === 'plan' ? await prove() : await untilFound('the API server', API_START_MS, step.signal, prove);
      const list = await access.client.get<KubeList<KubeNode>>('/api/v1/nodes', step.signal);
      return { ...access, nodes: new Map(list?.items.map((node) => [node.metadata.name, node])) };
    },
  };
}

/** An endpoint of the user's own, then the control planes that were seen to run, then those that may come. */
function candidatesOf(
  step: StepContext,
  known: {
    readonly cluster: Cluster;
    readonly members: readonly HostView[];
    readonly machines: ControlPlaneMachines;
  },
): readonly string[] {
  const { cluster, members, machines } = known;
  const others = knownMachines(step, machines);
  return [
    ...new Set([
      ...(hasBalancers(cluster) ? [] : [controlPlaneUrl(cluster)]),
      ...[...members.map(({ machine }) => machine), ...others].flatMap((it) => apiCandidates(it, cluster.api.port)),
    ]),
  ];
}

/** Where the operator may find the API server of a control plane, the most telling address first. */
export function apiCandidates(machine: Machine, port: number): readonly string[] {
  if (machine.api !== undefined) return [apiServerUrl(machine.api.host, machine.api.port)];
  return [...new Set([machine.address, machine.ssh.address])].map((address) => apiServerUrl(address, port));
}

/** How long a control plane may take until its API answers after its machine booted. */
const API_START_MS = 120_000;
