import type { ReadStep } from '../../core/step.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { Machine } from '../../providers/provider.js';
import { nodeStep } from './context.js';

/** A machine that is as it was found: nothing is made or started for a node that is about to go. */
export function knownMachineStep(node: NodeSpec, machine: Machine): ReadStep<Machine> {
  return {
    kind: 'read',
    id: nodeStep(node, 'machine'),
    title: 'look up how to reach it',
    phase: 'check',
    host: node.name,
    needs: [],
    timeoutMs: 1_000,
    read: async () => machine,
  };
}
