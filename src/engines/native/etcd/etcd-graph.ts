import { KubewrightError } from '../../../core/errors.js';
import type { Step, StepContext, StepRef } from '../../../core/step.js';
import type { ClusterView } from '../access.js';
import { type EngineContext, nodeStep } from '../context.js';
import { askEtcd, etcdHoldsData } from '../etcd-members.js';
import type { ControlPlaneHost } from '../found-cluster.js';
import { beginEtcdStep, type EtcdWitnesses } from './begin.js';
import { etcdClientStep } from './client-step.js';
import { etcdEndpointsStep } from './endpoints-step.js';
import type { EtcdCluster, EtcdHost } from './etcd-cluster.js';
import type { EtcdMachine } from './etcd-servers.js';
import { etcdMembersStep, joinEtcdStep } from './join-step.js';
import { etcdServersStep } from './servers-step.js';

/** The parts of a graph that give a cluster an etcd on machines of its own. */
export interface EtcdGraph {
  /** What makes etcd, and has control planes know the way to it. */
  readonly steps: readonly Step[];
  /** What has API servers that run follow; theirs are the last steps of etcd before machines leave it. */
  following(access: StepRef<ClusterView>): readonly Step[];
  readonly begin: StepRef<EtcdCluster>;
  readonly staying: readonly EtcdHost[];
  /** The machines that API servers shall know. */
  readonly machines: readonly EtcdMachine[];
  /** Steps after which `etcdServers` can be asked for these. */
  readonly known: readonly string[];
  /** Refuses to begin a cluster on the data of an earlier one: `etcd-not-empty`. */
  assertEmpty(step: StepContext): Promise<void>;
}

/** Its steps for the machines that stay; those of `machines` that come back are known to API servers meanwhile. */
export function etcdGraph(
  staying: readonly EtcdHost[],
  parts: {
    readonly witnesses: EtcdWitnesses;
    readonly controlPlanes: readonly ControlPlaneHost[];
    readonly machines: readonly EtcdMachine[];
    readonly preflight: StepRef<unknown>;
  },
  context: EngineContext,
): EtcdGraph {
  const { witnesses, controlPlanes, machines, preflight } = parts;
  const begin = beginEtcdStep(staying, witnesses, preflight, context);
  const members = etcdMembersStep(begin);
  const joins = staying.map(({ node }) => nodeStep(node, 'etcd'));
  return {
    steps: [
      begin,
      members,
      ...staying.map((host) => joinEtcdStep(host, begin, members, context)),
      ...controlPlanes.map((host) => etcdClientStep(host, begin, context)),
    ],
    following(access) {
      const endpoints = etcdEndpointsStep(machines, access);
      return [endpoints, ...controlPlanes.map((host) => etcdServersStep(host, access, endpoints, context))];
    },
    begin,
    staying,
    machines,
    known: [...joins, ...machines.map(({ machine }) => machine.id)],
    async assertEmpty(step) {
      const etcd = step.output(begin);
      if (etcd.begun) return;
      const { speaker } = await askEtcd(etcd.members, step);
      if (!(await etcdHoldsData(speaker.host, step))) return;
      throw new KubewrightError(
        'etcd-not-empty',
        'etcd holds the data of a cluster, but none of the control planes in cluster.yaml runs it',
        {
          hint: 'Bring one of its control planes back. To begin anew without the data, run `kubewright down` first.',
        },
      );
    },
  };
}
