import type { Known, StepContext } from '../../../../src/core/step.js';
import type { HostView } from '../../../../src/engines/native/context.js';
import type { EtcdState } from '../../../../src/engines/native/etcd/state.js';
import type { LookedAt } from '../../../../src/engines/native/facts-step.js';
import type { KubernetesState } from '../../../../src/engines/native/probes.js';
import type { NodeSpec, Role } from '../../../../src/model/cluster.js';

const NO_ETCD: EtcdState = {
  member: false,
  begun: undefined,
  data: false,
  ca: undefined,
  authority: false,
  clientCertificate: undefined,
  servers: undefined,
};

/** A member of etcd that runs. */
export const MEMBER: Partial<EtcdState> = { member: true, data: true, ca: 'CA\n', authority: true };

/** A machine as far as the rules about etcd look at it. */
export function machine(
  name: string,
  role: Role,
  etcd: Partial<EtcdState> = {},
  kubernetes: Partial<KubernetesState> = {},
): HostView {
  const node: NodeSpec = { name, pool: role, roles: [role], labels: {}, taints: [] };
  const parts: Partial<HostView> = {
    node,
    etcd: { ...NO_ETCD, ...etcd },
    kubernetes: { joined: false, controlPlane: false, unfinished: undefined, ...kubernetes } as KubernetesState,
    configuration: new Map(),
  };
  return parts as HostView;
}

/** What a step would be told of these hosts: by the id of their facts. */
export function told(states: Readonly<Record<string, Known<LookedAt>>>): Pick<StepContext, 'known'> {
  return { known: (ref) => (states[ref.id] ?? { kind: 'unknown' }) as never };
}
