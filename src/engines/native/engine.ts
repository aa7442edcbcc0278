import type { Step, StepContext, StepRef } from '../../core/step.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { Machine } from '../../providers/provider.js';
import { accessStep, type ClusterView } from './access.js';
import { addonsStep } from './addons.js';
import type { EngineContext } from './context.js';
import { factsStep } from './facts-step.js';
import { type ControlPlane, initStep } from './init.js';
import { joinStep } from './join.js';
import { preflightStep } from './preflight.js';
import { prepareStep } from './prepare.js';
import { readyStep } from './ready.js';
import { registrationStep } from './registration.js';
import { bootstrapTokenSecret, newBootstrapToken } from './token.js';

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
  const access = accessStep(init, machineOf(first), context);
  const token = tokenOncePerRun(init, access);
  const source = { controlPlane: init, machine: machineOf(first), access, token };
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
      registrationStep(nodes, access),
      readyStep(nodes, first, access),
    ],
    controlPlane: init,
    access,
  };
}

/** The control plane that a new cluster begins on. */
export function firstControlPlane(nodes: readonly NodeSpec[]): NodeSpec {
  const first = nodes.find((node) => node.roles.includes('control-plane'));
  if (first === undefined) throw new Error('a cluster without a control plane passed validation');
  return first;
}

/** The token of this run's init; where there was none, one that is made when the first join asks. */
function tokenOncePerRun(init: StepRef<ControlPlane>, access: StepRef<ClusterView>) {
  let made: Promise<string> | undefined;
  return (step: StepContext): Promise<string> => {
    const { token } = step.output(init);
    if (token !== undefined) return Promise.resolve(token);
    made ??= makeToken(step.output(access), step.signal).catch((error: unknown) => {
      // The next join may try again.
      made = undefined;
      throw error;
    });
    return made;
  };
}

async function makeToken({ client }: ClusterView, signal: AbortSignal): Promise<string> {
  const token = newBootstrapToken();
  await client.create('/api/v1/namespaces/kube-system/secrets', bootstrapTokenSecret(token, new Date()), signal);
  return token;
}
