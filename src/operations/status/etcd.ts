import { setTimeout as sleep } from 'node:timers/promises';
import type { HostView } from '../../engines/native/context.js';
import { hasEtcdMachines } from '../../engines/native/endpoint.js';
import { isMember as hasEtcdMember } from '../../engines/native/etcd/etcd-cluster.js';
import { type EtcdMember, etcdMembers, quorumOf } from '../../engines/native/etcd-members.js';
import { isMember } from '../../engines/native/found-cluster.js';
import type { Cluster } from '../../model/cluster.js';
import type { EtcdStatus } from '../results.js';
import { arrivals } from './arrivals.js';
import type { Look } from './look.js';

/** What etcd tells of itself, or why nobody could tell. Neither: there is nobody to ask yet. */
export interface EtcdAnswer {
  readonly etcd?: EtcdStatus | undefined;
  readonly error?: string | undefined;
}

/**
 * Asks the first machine with a member that answers for all of them; another one as well where that fails, or has not
 * answered after 4 s (a member that is down costs 3 s). Gives up after 10 s.
 */
export async function askEtcd(
  looks: readonly Promise<Look>[],
  cluster: Pick<Cluster, 'nodes'>,
  signal: AbortSignal,
): Promise<EtcdAnswer> {
  const has = hasEtcdMachines(cluster) ? hasEtcdMember : isMember;
  const asked: Promise<readonly EtcdMember[]>[] = [];
  for await (const { view } of arrivals(looks)) {
    if (view === undefined || !has(view)) continue;
    asked.push(membersAt(view, signal));
    const answered = Promise.any(asked).then(
      () => true,
      () => false,
    );
    if (await Promise.race([answered, sleep(PATIENCE_MS, false, { ref: false })])) break;
  }
  if (asked.length === 0) return {};
  try {
    return { etcd: etcdStatus(await Promise.any(asked)) };
  } catch (error) {
    if (signal.aborted) throw error;
    const [first] = error instanceof AggregateError ? error.errors : [error];
    return { error: first instanceof Error ? first.message : String(first) };
  }
}

/** Members as a result, in the order of their names. */
export function etcdStatus(members: readonly EtcdMember[]): EtcdStatus {
  return {
    members: members
      .map(({ id, name, learner, healthy, error }) => ({ id, name, votes: !learner, healthy, error }))
      .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
    ...quorumOf(members),
  };
}

function membersAt({ host }: HostView, signal: AbortSignal): Promise<readonly EtcdMember[]> {
  return etcdMembers(host, { signal: AbortSignal.any([signal, AbortSignal.timeout(ETCD_MS)]), line: () => {} });
}

const PATIENCE_MS = 4_000;
const ETCD_MS = 10_000;
