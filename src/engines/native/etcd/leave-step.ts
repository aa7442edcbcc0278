import type { Change, ChangeStep, StepContext, StepRef } from '../../../core/step.js';
import type { NodeSpec } from '../../../model/cluster.js';
import { type HostView, nodeStep } from '../context.js';
import { askEtcd, assertQuorumWithout, removeEtcdMember } from '../etcd-members.js';
import { type LeavingHost, unreachable } from '../leave.js';
import type { EtcdCluster, EtcdHost } from './etcd-cluster.js';

/** What machines that leave etcd share. */
export interface LeaveEtcdSource {
  readonly begin: StepRef<EtcdCluster>;
  /** The machines for etcd that stay. */
  readonly staying: readonly EtcdHost[];
  /** Remove machines that do not answer without waiting for them. */
  readonly forceUnreachable: boolean;
  /** Steps that must have been done before any machine leaves. */
  readonly needs: readonly string[];
  readonly after: readonly string[];
}

/**
 * Takes a machine out of etcd: nothing runs there that would have to be moved. What is on it is the reset's or the
 * provider's. Errors: `quorum-lost`, `node-unreachable`.
 */
export function leaveEtcdStep(node: NodeSpec, host: StepRef<LeavingHost>, source: LeaveEtcdSource): ChangeStep {
  const { name } = node;
  return {
    kind: 'change',
    id: nodeStep(node, 'leave'),
    title: 'take the machine out of etcd',
    phase: 'leave',
    host: name,
    needs: [host.id, source.begin.id, ...source.needs],
    after: [...source.staying.flatMap((staying) => [staying.view.id, nodeStep(staying.node, 'etcd')]), ...source.after],
    limits: ['membership'],
    timeoutMs: 5 * 60_000,
    async check(step) {
      const found = step.output(host);
      const { members } = await askEtcd(speakers(name, step, source), step);
      if (!members.some((member) => member.name === name)) return { kind: 'current', output: undefined };
      if (found.kind === 'unreachable' && !source.forceUnreachable) throw unreachable(name, found.error);
      assertQuorumWithout(members, new Set([name]));
      const change: Change = {
        action: 'delete',
        what: `etcd member ${name}`,
        why: 'it is to be removed',
        disruptive: true,
      };
      return { kind: 'drifted', changes: [change] };
    },
    async apply(step) {
      const { speaker, members } = await askEtcd(speakers(name, step, source), step);
      const member = members.find((candidate) => candidate.name === name);
      if (member === undefined) return;
      assertQuorumWithout(members, new Set([name]));
      await removeEtcdMember(speaker.host, member.id, step);
    },
  };
}

/** Those that stay first, since others may have left already; the one that leaves only where there is no other. */
function speakers(name: string, step: StepContext, { begin, staying }: LeaveEtcdSource): readonly HostView[] {
  const { members } = step.output(begin);
  const joined = staying.flatMap(({ node, view }) => {
    if (step.known({ id: nodeStep(node, 'etcd') }).kind !== 'output') return [];
    const seen = step.known(view);
    return seen.kind === 'output' && seen.output.kind === 'reached' ? [seen.output.view] : [];
  });
  const others = members.filter(({ node }) => node.name !== name);
  return [...new Set([...joined, ...others, ...members])];
}
