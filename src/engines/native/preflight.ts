import { KubewrightError } from '../../core/errors.js';
import type { ReadStep, StepRef } from '../../core/step.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { EngineContext, HostView } from './context.js';
import type { LookedAt } from './facts-step.js';
import { type HostCondition, type Problem, problemsOf } from './preflight-rules.js';

/**
 * Judges all hosts at once, before anything is changed on any of them: one report with every problem of every
 * host, those that could not even be reached included. Errors: `preflight-failed`.
 */
export function preflightStep(
  hosts: readonly { readonly node: NodeSpec; readonly view: StepRef<LookedAt> }[],
  context: EngineContext,
): ReadStep {
  return {
    kind: 'read',
    id: 'preflight',
    title: 'check that every host can become a node',
    phase: 'check',
    needs: hosts.map(({ view }) => view.id),
    timeoutMs: 30_000,
    async read(step) {
      const looked = hosts.map(({ node, view }) => ({ node, found: step.output(view) }));
      const problems = looked.flatMap(({ node, found }): readonly Problem[] => {
        if (found.kind === 'unreachable') return [unreachable(node, found.error)];
        return problemsOf(conditionOf(found.view, context));
      });
      problems.push(...sharedProblems(looked.flatMap(({ found }) => (found.kind === 'reached' ? [found.view] : []))));
      if (problems.length > 0) throw preflightError(problems);
    },
  };
}

function unreachable(node: NodeSpec, error: KubewrightError): Problem {
  return { host: node.name, text: error.message, fix: error.hint ?? 'Check the address, the user and the key.' };
}

function conditionOf(view: HostView, context: EngineContext): HostCondition {
  const { facts, kubernetes, machine, traits } = view;
  return {
    node: view.node,
    address: machine.address,
    systemd: facts.systemd,
    arch: facts.arch,
    kernel: facts.kernel,
    memoryBytes: facts.memoryBytes,
    cpus: facts.cpus,
    diskFreeBytes: facts.diskFreeBytes,
    swap: traits.swap,
    container: traits.container,
    listening: facts.listening,
    addresses: facts.addresses,
    nameservers: traits.nameservers,
    clockSkewMs: facts.clockSkewMs,
    joined: kubernetes.joined,
    controlPlane: kubernetes.controlPlane,
    unfinished: kubernetes.unfinished !== undefined,
    apiPort: context.cluster.api.port,
    artifactsMounted: machine.payloadDirectory !== undefined,
  };
}

/** Problems that only several hosts together have: members of different clusters. */
function sharedProblems(views: readonly HostView[]): readonly Problem[] {
  const reference = views.find(({ kubernetes }) => kubernetes.controlPlane && kubernetes.ca !== undefined);
  return views
    .filter(({ kubernetes }) => kubernetes.joined && kubernetes.ca !== undefined)
    .filter(({ kubernetes }) => kubernetes.ca !== reference?.kubernetes.ca)
    .map(({ node }) => ({
      host: node.name,
      text:
        reference === undefined
          ? 'it is a member of a cluster already, and no control plane of this one exists'
          : `it is a member of another cluster than ${reference.node.name}`,
      fix: 'Take it out of that cluster first (`kubeadm reset` on the host removes it), or choose another host.',
    }));
}

function preflightError(problems: readonly Problem[]): KubewrightError {
  const hosts = new Set(problems.map(({ host }) => host)).size;
  const lines = problems.map(({ host, text, fix }) => `  ${host}: ${text}\n    → ${fix}`);
  const count = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} on ${hosts} ${hosts === 1 ? 'host' : 'hosts'}`;
  return new KubewrightError('preflight-failed', `${count}; nothing was changed on them:\n${lines.join('\n')}`, {
    hint: 'Mend these, then run the same command again.',
  });
}
