import type { Step, StepRef } from '../../core/step.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { Machine } from '../../providers/provider.js';
import { accessStep, type ClusterView } from './access.js';
import { addonsStep } from './addons.js';
import type { ControlPlaneMachines } from './api-servers.js';
import { certificateStep } from './certificates.js';
import type { EngineContext } from './context.js';
import { nodeStep } from './context.js';
import { type Departures, departures, type Leaving } from './departures.js';
import { hasVirtualIp, isControlPlane, isEtcdMachine, kubernetesNodes } from './endpoint.js';
import type { EtcdHost } from './etcd/etcd-cluster.js';
import { type EtcdGraph, etcdGraph } from './etcd/etcd-graph.js';
import { factsStep } from './facts-step.js';
import { forgetServersStep } from './forget-servers.js';
import type { ControlPlane, ControlPlaneHost } from './found-cluster.js';
import { initStep } from './init.js';
import { joinStep } from './join.js';
import { joinDesk } from './join-credentials.js';
import { preflightStep } from './preflight.js';
import { prepareStep } from './prepare.js';
import { readyStep } from './ready.js';
import { registrationStep } from './registration.js';
import { forgetPeersStep, virtualIpStep } from './virtual-ip/step.js';

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
 *   machine ─ facts ─┤             ├─ prepare ────────┼──────────┼─ join ───┼─ labels, ready ─ leave
 *   machine ─ facts ─┘             └─ prepare ────────┘          └─ join ───┘
 *
 * Only preflight looks at all hosts at once: nothing may change before every problem is known. `init` finds the cluster
 * on whichever control plane answers, and begins it on the first where there is none. Where etcd has machines of its own
 * it is begun on them before `init`, and API servers follow when they change, after `access`. Nodes that are not wanted any
 * more leave when those that are wanted are ready.
 */
export function nativeGraph(context: EngineContext, leaving: Leaving): NativeGraph {
  const machineOf = (node: NodeSpec): StepRef<Machine> => {
    const machine = context.machines.get(node.name);
    if (machine === undefined) throw new Error(`no machine step for ${node.name}`);
    return machine;
  };
  const all = context.cluster.nodes.map((node) => ({ node, view: factsStep(node, machineOf(node), context) }));
  const nodes = kubernetesNodes(context.cluster);
  const hosts = all.filter(({ node }) => !isEtcdMachine(node));
  const preflight = preflightStep(all, context);
  const controlPlanes = hosts.filter(({ node }) => isControlPlane(node));
  const staying: ControlPlaneMachines = new Map(controlPlanes.map(({ node }) => [node.name, machineOf(node)]));
  const leave = departures(leaving, context);
  const servers: ControlPlaneMachines = new Map([...staying, ...leave.machines]);
  const etcd = etcdOf(all, { leave, controlPlanes, machineOf, preflight }, context);

  const [founder] = controlPlanes;
  if (founder === undefined) throw new Error('a cluster without a control plane passed validation');
  const init = initStep(founder, [...controlPlanes, ...leave.controlPlanes], staying, preflight, context, etcd);
  const access = accessStep(init, staying, context);
  const desk = joinDesk(init, access, context.cluster.kubernetes.version);
  const source = { founder: founder.node, controlPlane: init, machines: staying, access, desk, etcd };
  const addons = addonsStep(founder.node, init, access, context);
  const ready = readyStep(nodes, addons, access);
  const following = etcd?.following(access) ?? [];
  const left = leave.steps({
    controlPlane: init,
    staying,
    etcd,
    needs: [ready.id],
    after: [...nodes.map((node) => nodeStep(node, 'join')), ...following.map(({ id }) => id)],
  });
  return {
    steps: [
      ...all.map(({ view }) => view),
      ...leave.looks,
      preflight,
      ...all.map(({ node, view }) => prepareStep(node, view, preflight, servers, context)),
      ...(etcd?.steps ?? []),
      init,
      access,
      ...following,
      addons,
      ...hosts.map(({ node, view }) => joinStep(node, view, source, context)),
      ...(hasVirtualIp(context.cluster)
        ? controlPlanes.flatMap((host) => [
            virtualIpStep(host, { founds: host === founder, peers: servers }, context),
            ...(leave.machines.size === 0
              ? []
              : [forgetPeersStep(host, { staying, leaving: leave.machines }, context)]),
          ])
        : []),
      ...controlPlanes.map(({ node, view }) => certificateStep(node, view, { access, machines: staying }, context)),
      registrationStep(nodes, access),
      ready,
      ...left,
      ...(leave.machines.size === 0
        ? []
        : hosts.map(({ node, view }) => forgetServersStep(node, view, { staying, leaving: leave.machines }, context))),
    ],
    controlPlane: init,
    access,
  };
}

/** The part of etcd; undefined where each control plane has a member of it. */
function etcdOf(
  all: readonly EtcdHost[],
  parts: {
    readonly leave: Departures;
    readonly controlPlanes: readonly ControlPlaneHost[];
    readonly machineOf: (node: NodeSpec) => StepRef<Machine>;
    readonly preflight: StepRef<unknown>;
  },
  context: EngineContext,
): EtcdGraph | undefined {
  const { leave, controlPlanes, machineOf, preflight } = parts;
  const staying = all.filter(({ node }) => isEtcdMachine(node));
  if (staying.length === 0) return undefined;
  const witnesses = {
    hosts: [...staying, ...leave.etcd],
    controlPlanes: [...controlPlanes, ...leave.controlPlanes],
  };
  const machines = [
    ...staying.map(({ node }) => ({ machine: machineOf(node), join: nodeStep(node, 'etcd') })),
    ...leave.returningEtcd,
  ];
  return etcdGraph(staying, { witnesses, controlPlanes, machines, preflight }, context);
}

/** The control plane that a new cluster begins on. */
export function firstControlPlane(nodes: readonly NodeSpec[]): NodeSpec {
  const first = nodes.find(isControlPlane);
  if (first === undefined) throw new Error('a cluster without a control plane passed validation');
  return first;
}
