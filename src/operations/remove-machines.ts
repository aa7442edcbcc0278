import type { Step } from '../core/step.js';
import { nodeStep } from '../engines/native/context.js';
import type { LeavingNode } from '../engines/native/departures.js';
import type { LeavingHost } from '../engines/native/leave.js';
import { resetStep } from '../engines/native/reset.js';
import type { Workspace } from './workspace.js';

/**
 * What becomes of the machines of nodes that have left: those that kubewright made are destroyed, from those that existed
 * before Kubernetes is taken off.
 */
export async function removeMachines(leaving: readonly LeavingNode[], workspace: Workspace): Promise<readonly Step[]> {
  const { cluster, provider, providerContext, openHost } = workspace;
  if (leaving.length === 0) return [];
  const names = leaving.map(({ node }) => node.name);
  const destroying = await provider.destroyMachines(cluster, names, providerContext);
  const after = destroying.map((step) =>
    step.host === undefined ? step : { ...step, needs: [...step.needs, nodeStep({ name: step.host }, 'leave')] },
  );
  if (cluster.provider.kind !== 'hosts') return after;
  const resetting = leaving.flatMap(({ node, machine }) =>
    machine === undefined
      ? []
      : [
          resetStep(
            node,
            { id: nodeStep(node, 'machine') },
            { openHost },
            {
              needs: [nodeStep(node, 'leave')],
              seen: { id: nodeStep(node, 'facts') } as { readonly id: string; readonly _output?: LeavingHost },
            },
          ),
        ],
  );
  return [...after, ...resetting];
}
