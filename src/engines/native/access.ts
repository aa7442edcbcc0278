import type { ReadStep, StepRef } from '../../core/step.js';
import { type ApiAccess, proveAccess } from '../../kube/access.js';
import type { KubeList, KubeNode } from '../../kube/objects.js';
import { untilFound } from '../../kube/wait.js';
import type { Machine } from '../../providers/provider.js';
import type { EngineContext } from './context.js';
import type { ControlPlane } from './init.js';
import { apiServerUrl } from './kubeadm-config.js';

/** The cluster as its API server tells it, at the moment when it was first asked in this run. */
export interface ClusterView extends ApiAccess {
  readonly nodes: ReadonlyMap<string, KubeNode>;
}

/** Proves from here that the API answers, and asks which nodes it knows. */
export function accessStep(
  controlPlane: StepRef<ControlPlane>,
  machines: readonly StepRef<Machine>[],
  context: EngineContext,
): ReadStep<ClusterView> {
  return {
    kind: 'read',
    id: 'cluster/access',
    title: 'reach the API server',
    phase: 'control plane',
    needs: [controlPlane.id, ...machines.map(({ id }) => id)],
    timeoutMs: API_START_MS + 30_000,
    async read(step) {
      const candidates = machines.flatMap((machine) => apiCandidates(step.output(machine), context.cluster.api.port));
      const { adminConf } = step.output(controlPlane);
      const prove = () => proveAccess(adminConf, candidates, step.signal);
      // A control plane that was rebooted a moment ago needs a while; `plan` tells how it is now.
      const access =
        step.mode === 'plan' ? await prove() : await untilFound('the API server', API_START_MS, step.signal, prove);
      const list = await access.client.get<KubeList<KubeNode>>('/api/v1/nodes', step.signal);
      return { ...access, nodes: new Map(list?.items.map((node) => [node.metadata.name, node])) };
    },
  };
}

/** Where the operator may find the API server of a control plane, the most telling address first. */
export function apiCandidates(machine: Machine, port: number): readonly string[] {
  if (machine.api !== undefined) return [apiServerUrl(machine.api.host, machine.api.port)];
  return [...new Set([machine.address, machine.ssh.address])].map((address) => apiServerUrl(address, port));
}

/** How long a control plane may take until its API answers after its machine booted. */
const API_START_MS = 120_000;
