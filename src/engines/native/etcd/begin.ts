import { createHash } from 'node:crypto';
import { KubewrightError } from '../../../core/errors.js';
import type { ChangeStep, StepContext, StepRef } from '../../../core/step.js';
import { type EngineContext, type HostView, nodeStep } from '../context.js';
import { awaitEtcdHealth } from '../etcd-members.js';
import { reached } from '../facts-step.js';
import type { ControlPlaneHost } from '../found-cluster.js';
import { makeAuthority } from './authority.js';
import { type EtcdCluster, type EtcdHost, findEtcd } from './etcd-cluster.js';
import { peerUrl } from './etcd-servers.js';
import { endBeginning, startMember } from './member.js';

/** All that may tell of an etcd that exists. */
export interface EtcdWitnesses {
  /** Machines for etcd, those that leave included. */
  readonly hosts: readonly EtcdHost[];
  /** Control planes, those that leave included: where one runs, there is an etcd. */
  readonly controlPlanes: readonly ControlPlaneHost[];
}

/**
 * Finds etcd on any of its machines, or begins it on all of them at once: a member alone would wait for the others.
 * Each machine gets the CA, so that none is special later. Errors: `etcd-silent`, `etcd-lost`.
 */
export function beginEtcdStep(
  hosts: readonly EtcdHost[],
  witnesses: EtcdWitnesses,
  preflight: StepRef<unknown>,
  context: EngineContext,
): ChangeStep<EtcdCluster> {
  const prepared = hosts.map(({ node }) => ({ id: nodeStep(node, 'prepare') }));
  const seen = [...witnesses.hosts, ...witnesses.controlPlanes].map(({ view }) => view.id);
  return {
    kind: 'change',
    id: 'etcd/begin',
    title: 'start etcd on its machines',
    phase: 'etcd',
    needs: [preflight.id],
    after: [...new Set([...seen, ...prepared.map(({ id }) => id)])],
    timeoutMs: 6 * 60_000,
    check(step) {
      const found = findEtcd(step, witnesses.hosts);
      if (found !== undefined) return { kind: 'current', output: found };
      assertNothingLost(step, witnesses.controlPlanes);
      const changes = hosts.map(({ node, view }) => {
        const begun = reached(step.output(view)).etcd.begun !== undefined;
        const why = begun ? 'begun before, not ended' : 'no etcd yet';
        return { action: 'run' as const, what: `etcd on ${node.name}`, why };
      });
      return { kind: 'drifted', changes };
    },
    async apply(step) {
      // Fails as preparing failed.
      for (const ref of prepared) step.output(ref);
      const views = hosts.map(({ view }) => reached(step.output(view)));
      const initialCluster = views.map((view) => `${view.node.name}=${peerUrl(view.machine)}`).join(',');
      const authority = await makeAuthority(firstWithAuthority(views), step, context);
      const token = `${context.cluster.name}-${createHash('sha256').update(initialCluster).digest('hex').slice(0, 8)}`;
      const start = { initialCluster, state: 'new' as const, token, authority, resume: true };
      await Promise.all(views.map((view) => startMember(view, start, step, context)));
      await Promise.all(views.map(({ host }) => awaitEtcdHealth(host, step)));
      await Promise.all(views.map((view) => endBeginning(view, step)));
      return { members: views, ca: authority.certificate, begun: true };
    },
  };
}

/** A run that was cut off may have made a CA already. */
function firstWithAuthority(views: readonly HostView[]): HostView {
  const chosen = views.find(({ etcd }) => etcd.authority && etcd.ca !== undefined) ?? views[0];
  if (chosen === undefined) throw new KubewrightError('internal', 'etcd was to begin without machines');
  return chosen;
}

/** A new etcd under control planes that run would be an empty cluster in the place of theirs. */
function assertNothingLost(step: StepContext, controlPlanes: readonly ControlPlaneHost[]): void {
  const running = controlPlanes.filter(({ view }) => {
    const seen = step.known(view);
    if (seen.kind !== 'output' || seen.output.kind !== 'reached') return false;
    const { kubernetes } = seen.output.view;
    return kubernetes.controlPlane && kubernetes.unfinished === undefined;
  });
  if (running.length === 0) return;
  const names = running.map(({ node }) => node.name).join(', ');
  throw new KubewrightError(
    'etcd-lost',
    `${names} ${running.length === 1 ? 'runs' : 'run'} a control plane, but no machine for etcd holds its data`,
    { hint: 'Bring the machines back that held it. To begin anew without the data, run `kubewright down` first.' },
  );
}
