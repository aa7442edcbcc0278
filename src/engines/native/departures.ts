import type { ReadStep, Step, StepRef } from '../../core/step.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { Machine } from '../../providers/provider.js';
import type { ControlPlaneMachines } from './api-servers.js';
import { type EngineContext, nodeStep } from './context.js';
import { isControlPlane, isEtcdMachine } from './endpoint.js';
import type { EtcdHost } from './etcd/etcd-cluster.js';
import type { EtcdMachine } from './etcd/etcd-servers.js';
import { type LeaveEtcdSource, leaveEtcdStep } from './etcd/leave-step.js';
import { factsStep } from './facts-step.js';
import type { ControlPlaneHost } from './found-cluster.js';
import { knownMachineStep } from './known-machine.js';
import { type LeaveSource, type LeavingHost, leaveStep } from './leave.js';

/** The nodes that are not wanted any more, and how they are let go. */
export interface Leaving extends Pick<LeaveSource, 'forceUnreachable' | 'drain' | 'needs'> {
  readonly nodes: readonly LeavingNode[];
}

export interface LeavingNode {
  readonly node: NodeSpec;
  /** Undefined where its machine is gone, or nobody knows how to reach it. */
  readonly machine: Machine | undefined;
  /** Will a machine of its name come in its place? */
  readonly returns?: boolean | undefined;
}

/** The parts of a graph that let nodes go. */
export interface Departures {
  /** What is looked at, beside the hosts that stay. */
  readonly looks: readonly Step[];
  /** Control planes among them: until they have left they may speak for the cluster. */
  readonly controlPlanes: readonly ControlPlaneHost[];
  /** Their machines, as servers of the API. */
  readonly machines: ControlPlaneMachines;
  /** Machines for etcd among them: until they have left they may speak for it. */
  readonly etcd: readonly EtcdHost[];
  /** The machines of those for etcd that come back under their name. */
  readonly returningEtcd: readonly EtcdMachine[];
  steps(
    source: Pick<LeaveSource, 'controlPlane' | 'staying' | 'needs' | 'after'> & {
      readonly etcd: Pick<LeaveEtcdSource, 'begin' | 'staying'> | undefined;
    },
  ): readonly Step[];
}

/** The steps of the nodes that leave, in parts, since a graph has places for each. */
export function departures(leaving: Leaving, context: EngineContext): Departures {
  const names = new Set(leaving.nodes.map(({ node }) => node.name));
  const known = leaving.nodes.map(({ node, machine, returns }) => {
    const place = machine === undefined ? undefined : knownMachineStep(node, machine);
    const view = place === undefined ? undefined : factsStep(node, place, context);
    return { node, place, view, returns };
  });
  return {
    looks: known.flatMap(({ place, view, node }) => [
      ...(place === undefined ? [] : [place]),
      view ?? absentStep(node),
    ]),
    controlPlanes: known.flatMap(({ node, view }) =>
      isControlPlane(node) && view !== undefined ? [{ node, view }] : [],
    ),
    machines: new Map(
      known.flatMap(({ node, place }) => (isControlPlane(node) && place !== undefined ? [[node.name, place]] : [])),
    ),
    etcd: known.flatMap(({ node, view }) => (isEtcdMachine(node) && view !== undefined ? [{ node, view }] : [])),
    returningEtcd: known.flatMap(({ node, place, returns }) =>
      isEtcdMachine(node) && returns && place !== undefined ? [{ machine: place }] : [],
    ),
    steps: ({ etcd, ...source }) =>
      known.flatMap(({ node, view }) => {
        const host: StepRef<LeavingHost> = view ?? absentStep(node);
        const { forceUnreachable, drain } = leaving;
        const needs = [...source.needs, ...leaving.needs];
        if (isEtcdMachine(node)) {
          // Without machines for etcd that stay there is no cluster that it could leave.
          return etcd === undefined
            ? []
            : [leaveEtcdStep(node, host, { ...etcd, forceUnreachable, needs, after: source.after })];
        }
        return [
          leaveStep(node, host, {
            ...source,
            needs,
            cluster: context.cluster,
            leaving: names,
            forceUnreachable,
            drain,
          }),
        ];
      }),
  };
}

function absentStep(node: NodeSpec): ReadStep<LeavingHost> {
  return {
    kind: 'read',
    id: nodeStep(node, 'facts'),
    title: 'look at the host',
    phase: 'check',
    host: node.name,
    needs: [],
    timeoutMs: 1_000,
    read: async () => ({ kind: 'absent' }),
  };
}
