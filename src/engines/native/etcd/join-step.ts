import { KubewrightError } from '../../../core/errors.js';
import type { ChangeStep, ReadStep, StepContext, StepRef } from '../../../core/step.js';
import { type EngineContext, type HostView, nodeStep } from '../context.js';
import { isEtcdMachine } from '../endpoint.js';
import {
  addEtcdLearner,
  askEtcd,
  awaitEtcdHealth,
  type EtcdMember,
  etcdMembers,
  promoteEtcdMember,
} from '../etcd-members.js';
import { reached } from '../facts-step.js';
import { makeWayForMember } from '../stale-member.js';
import { readAuthority } from './authority.js';
import { type EtcdCluster, type EtcdHost, isMember } from './etcd-cluster.js';
import { peerUrl } from './etcd-servers.js';
import { endBeginning, startMember } from './member.js';

/** The members as etcd itself tells, asked once a run. */
export function etcdMembersStep(begin: StepRef<EtcdCluster>): ReadStep<readonly EtcdMember[]> {
  return {
    kind: 'read',
    id: 'etcd/members',
    title: 'ask etcd for its members',
    phase: 'etcd',
    needs: [begin.id],
    timeoutMs: 2 * 60_000,
    read: async (step) => (await askEtcd(step.output(begin).members, step)).members,
  };
}

/**
 * Makes a machine a member of the etcd that is there, one at a time: as a learner first, whose vote is not counted, so
 * that a start that fails takes nothing from the others. Errors: `quorum-lost`.
 */
export function joinEtcdStep(
  { node, view }: EtcdHost,
  begin: StepRef<EtcdCluster>,
  members: StepRef<readonly EtcdMember[]>,
  context: EngineContext,
): ChangeStep {
  return {
    kind: 'change',
    id: nodeStep(node, 'etcd'),
    title: 'join etcd',
    phase: 'etcd',
    host: node.name,
    needs: [view.id, nodeStep(node, 'prepare'), begin.id],
    after: [members.id],
    limits: ['membership'],
    timeoutMs: 8 * 60_000,
    check(step) {
      const etcd = step.known(begin);
      // Whoever begins etcd is a member of it by that.
      if (etcd.kind !== 'output' || etcd.output.begun) return { kind: 'current', output: undefined };
      const why = whyNoMember(reached(step.output(view)), step.output(members));
      if (why === undefined) return { kind: 'current', output: undefined };
      return { kind: 'drifted', changes: [{ action: 'run', what: 'etcdctl member add', why }] };
    },
    async apply(step) {
      await joinEtcd(reached(step.output(view)), step.output(begin), step, context);
    },
  };
}

function whyNoMember(found: HostView, members: readonly EtcdMember[]): string | undefined {
  if (found.etcd.begun !== undefined) return 'begun before, not ended';
  if (!found.etcd.member) return 'not a member yet';
  return isMember(found) && ownMember(found, members) !== undefined ? undefined : 'etcd does not know it as a member';
}

function ownMember({ node, machine }: HostView, members: readonly EtcdMember[]): EtcdMember | undefined {
  return members.find(({ name, peerUrls }) => name === node.name && peerUrls.includes(peerUrl(machine)));
}

async function joinEtcd(found: HostView, etcd: EtcdCluster, step: StepContext, context: EngineContext): Promise<void> {
  const { node, machine, host } = found;
  const others = etcd.members.filter((member) => member.node.name !== node.name);
  if (others.length === 0) {
    throw new KubewrightError('etcd-lost', `${node.name} is to join an etcd whose members are all gone`, {
      hint: 'Bring the machines back that held it. To begin anew without the data, run `kubewright down` first.',
    });
  }
  const { speaker, members } = await askEtcd(others, step);
  const own = ownMember(found, members);
  if (own?.healthy && !own.learner && found.etcd.member) {
    // Only the note was missing that its start has ended.
    await endBeginning(found, step);
    return;
  }
  const wanted = new Set(context.cluster.nodes.filter(isEtcdMachine).map(({ name }) => name));
  await makeWayForMember(found, { speaker: speaker.host, members, wanted }, step);
  const authority = await readAuthority(speaker, step, context);
  await addEtcdLearner(speaker.host, { name: node.name, peerUrl: peerUrl(machine) }, step);
  const now = await etcdMembers(speaker.host, step);
  const learner = now.find(({ peerUrls }) => peerUrls.includes(peerUrl(machine)));
  if (learner === undefined) throw new Error(`etcd does not list ${node.name}, which it has just accepted`);
  const initialCluster = now
    .flatMap((member) => member.peerUrls.map((url) => `${member === learner ? node.name : member.name}=${url}`))
    .join(',');
  const start = { initialCluster, state: 'existing' as const, token: context.cluster.name, authority, resume: false };
  await startMember(found, start, step, context);
  await promoteEtcdMember(speaker.host, learner.id, step);
  await awaitEtcdHealth(host, step);
  await endBeginning(found, step);
}
