import { KubewrightError } from '../../../core/errors.js';
import type { StepContext, StepRef } from '../../../core/step.js';
import { UnknownOutput } from '../../../core/unknown-output.js';
import type { NodeSpec } from '../../../model/cluster.js';
import type { HostView } from '../context.js';
import type { LookedAt } from '../facts-step.js';
import { silence } from '../found-cluster.js';

/** etcd on machines of its own. */
export interface EtcdCluster {
  /** The machines that have a member of it, in the order of cluster.yaml; never empty. Any of them speaks for all. */
  readonly members: readonly HostView[];
  /** Its CA's certificate, PEM. */
  readonly ca: string;
  /** Has it been begun in this run? */
  readonly begun: boolean;
}

/** A machine for etcd that is wanted, or one that is there and may be about to leave, and what was seen of it. */
export interface EtcdHost {
  readonly node: NodeSpec;
  readonly view: StepRef<LookedAt>;
}

/**
 * etcd as its machines show it; undefined where there is none yet. Any machine that has a member of it will do. Throws
 * where it cannot be told, since a second etcd beside the first would be a second cluster: `etcd-silent`.
 */
export function findEtcd(step: Pick<StepContext, 'known'>, hosts: readonly EtcdHost[]): EtcdCluster | undefined {
  const looked = hosts.map(({ node, view }) => ({ node, seen: step.known(view), id: view.id }));
  const members = looked.flatMap(({ seen }) =>
    seen.kind === 'output' && seen.output.kind === 'reached' && isMember(seen.output.view) ? [seen.output.view] : [],
  );
  const ca = members[0]?.etcd.ca;
  if (ca !== undefined) return { members, ca, begun: false };
  const silent = looked.flatMap(({ node, seen }) => silence(node, seen));
  if (silent.length > 0) throw unclear(silent);
  const unknown = looked.find(({ seen }) => seen.kind === 'unknown');
  if (unknown !== undefined) throw new UnknownOutput(unknown.id);
  return undefined;
}

/** Is there a member that was begun and came up, with all that others need of it? */
export function isMember({ etcd }: HostView): boolean {
  return etcd.member && etcd.begun === undefined && etcd.ca !== undefined && etcd.authority;
}

function unclear(silent: readonly string[]): KubewrightError {
  return new KubewrightError(
    'etcd-silent',
    `No machine for etcd answers that could say whether the cluster exists:\n  ${silent.join('\n  ')}`,
    { hint: 'Bring one of them back, then run the same command again. Nothing was made anew, to be safe.' },
  );
}
