import type { Step, StepRef } from '../../core/step.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { Machine } from '../../providers/provider.js';
import { accessStep, type ClusterView } from './access.js';
import { addonsStep } from './addons.js';
import type { EngineContext } from './context.js';
import { factsStep } from './facts-step.js';
import { type ControlPlane, initStep } from './init.js';
import { joinStep } from './join.js';
import { joinDesk } from './join-credentials.js';
import { preflightStep } from './preflight.js';
import { prepareStep } from './prepare.js';
import { readyStep } from './ready.js';
import { registrationStep } from './registration.js';

/** The graph that makes Kubernetes of machines, and the steps that later work builds on. */
export interface NativeGraph {
  readonly steps: readonly Step[];
  readonly controlPlane: StepRef<ControlPlane>;
  readonly access: StepRef<ClusterView>;
}

/**
 * kubeadm over SSH, as a graph per host:
 *
 *   machine ─ facts ─┬─ preflight ─┬─ prepare ─ init ─┬─ access ─┬─ addons ─┐
 *   machine ─ facts ─┤             ├─ prepare ────────┼──────────┼─ join ───┼─ labels, ready
 *   machine ─ facts ─┘             └─ prepare ────────┘          └─ join ───┘
 *
 * Only preflight looks at all hosts at once: nothing may change before every problem is known.
 */
export function nativeGraph(context: EngineContext): NativeGraph {
  const { nodes } = context.cluster;
  const machineOf = (node: NodeSpec): StepRef<Machine> => {
    const machine = context.machines.get(node.name);
    if (machine === undefined) throw new Error(`no machine step for ${node.name}`);
    return machine;
  };
  const views = new Map(nodes.map((node) => [node.name, factsStep(node, machineOf(node), context)]));
  const viewOf = (node: NodeSpec) => {
    const view = views.get(node.name);
    if (view === undefined) throw new Error(`no facts step for ${node.name}`);
    return view;
  };
  const preflight = preflightStep(
    nodes.map((node) => ({ node, view: viewOf(node) })),
    context,
  );
  const first = firstControlPlane(nodes);
  const init = initStep(first, viewOf(first), context);
  const access = accessStep(init, nodes.filter(isControlPlane).map(machineOf), context);
  const desk = joinDesk(init, access, viewOf(first), context.cluster.kubernetes.version);
  const source = { controlPlane: init, machine: machineOf(first), access, desk };
  const joins = nodes.filter((node) => node !== first).map((node) => joinStep(node, viewOf(node), source, context));
  return {
    steps: [
      ...views.values(),
      preflight,
      ...nodes.map((node) => prepareStep(node, viewOf(node), preflight, context)),
      init,
      access,
      addonsStep(first, viewOf(first), init, access, context),
      ...joins,
      registrationStep(nodes, first, access),
      readyStep(nodes, first, access),
    ],
    controlPlane: init,
    access,
  };
}

/** The control plane that a new cluster begins on. */
export function firstControlPlane(nodes: readonly NodeSpec[]): NodeSpec {
  const first = nodes.find(isControlPlane);
  if (first === undefined) throw new Error('a cluster without a control plane passed validation');
  return first;
}

function isControlPlane(node: NodeSpec): boolean {
  return node.roles.includes('control-plane');
}
