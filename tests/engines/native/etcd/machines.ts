import type { HostView } from '../../../../src/engines/native/context.js';
import type { EtcdState } from '../../../../src/engines/native/etcd/state.js';
import type { KubernetesState } from '../../../../src/engines/native/probes.js';
import type { Role } from '../../../../src/model/cluster.js';
import { FRESH_HOST, NO_ETCD, viewOf } from '../views.js';

/** A member of etcd that runs. */
export const MEMBER: Partial<EtcdState> = { member: true, data: true, ca: 'CA\n', authority: true };

/** A machine and what it has of etcd and of Kubernetes. */
export function machine(
  name: string,
  role: Role,
  etcd: Partial<EtcdState> = {},
  kubernetes: Partial<KubernetesState> = {},
): HostView {
  const node = { name, pool: role, roles: [role], labels: {}, taints: [] };
  return { ...viewOf(node, { ...FRESH_HOST, ...kubernetes }), etcd: { ...NO_ETCD, ...etcd } };
}
