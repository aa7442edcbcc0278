import { KubewrightError } from '../../core/errors.js';
import type { Known, StepContext, StepRef } from '../../core/step.js';
import { UnknownOutput } from '../../core/unknown-output.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { HostView } from './context.js';
import type { LookedAt } from './facts-step.js';
import type { JoinCredentials } from './join-credentials.js';

/** What the control planes give to everybody who wants to talk to the cluster. Secret. */
export interface ControlPlane {
  /** The text of kubeadm's admin.conf. */
  readonly adminConf: string;
  /** The cluster's CA certificate, PEM. */
  readonly ca: string;
  /** The control planes that run and answer, in the order of cluster.yaml; never empty. */
  readonly members: readonly HostView[];
  /** What nodes join with; only after an init in this run. */
  readonly joining: JoinCredentials | undefined;
}

/** A control plane that is wanted, or one that is there and may be about to leave, and what was seen of it. */
export interface ControlPlaneHost {
  readonly node: NodeSpec;
  readonly view: StepRef<LookedAt>;
}

/**
 * The cluster as its control planes show it; undefined where there is none yet. Nobody is asked in particular: any
 * control plane that answers speaks for the cluster. Throws where it cannot be told: one that does not answer may be
 * a member, and a second cluster beside the first is the worst that could be made.
 */
export function findCluster(
  step: Pick<StepContext, 'known'>,
  hosts: readonly ControlPlaneHost[],
): ControlPlane | undefined {
  const looked = hosts.map(({ node, view }) => ({ node, looked: step.known(view), id: view.id }));
  const members = looked.flatMap(({ looked: seen }) => memberIn(seen));
  const [first] = members;
  if (first?.kubernetes.adminConf !== undefined && first.kubernetes.ca !== undefined) {
    return { adminConf: first.kubernetes.adminConf, ca: first.kubernetes.ca, members, joining: undefined };
  }
  const silent = looked.flatMap(({ node, looked: seen }) => silence(node, seen));
  if (silent.length > 0) throw controlPlanesSilent(silent);
  const unknown = looked.find(({ looked: seen }) => seen.kind === 'unknown');
  if (unknown !== undefined) throw new UnknownOutput(unknown.id);
  return undefined;
}

/** A control plane that runs; any of them would do. */
export function firstMember({ members }: ControlPlane): HostView {
  const [first] = members;
  if (first === undefined) throw new KubewrightError('internal', 'a cluster was found without a control plane');
  return first;
}

/** Does it run a control plane that speaks for its cluster? One whose init or join was cut off is no member that others could rely on. */
export function isMember({ kubernetes }: Pick<HostView, 'kubernetes'>): boolean {
  const { controlPlane, unfinished, adminConf, ca } = kubernetes;
  return controlPlane && unfinished === undefined && adminConf !== undefined && ca !== undefined;
}

/** The error for control planes of which each may be a member and none answers: "NAME: why" of each. */
export function controlPlanesSilent(silent: readonly string[]): KubewrightError {
  return new KubewrightError(
    'control-planes-silent',
    `No control plane answers that could say whether the cluster exists:\n  ${silent.join('\n  ')}`,
    { hint: 'Bring one of them back, then run the same command again. Nothing was made anew, to be safe.' },
  );
}

function memberIn(seen: Known<LookedAt>): readonly HostView[] {
  if (seen.kind !== 'output' || seen.output.kind !== 'reached') return [];
  return isMember(seen.output.view) ? [seen.output.view] : [];
}

/** Why a host has told nothing, as a line of a list; nothing where it has. */
export function silence(node: NodeSpec, seen: Known<LookedAt>): readonly string[] {
  if (seen.kind === 'failed') return [`${node.name}: ${seen.error.message}`];
  if (seen.kind === 'output' && seen.output.kind === 'unreachable') {
    return [`${node.name}: ${seen.output.error.message}`];
  }
  return [];
}
