import { KubewrightError } from '../../core/errors.js';
import type { ReadStep, StepContext, StepRef } from '../../core/step.js';
import { readAdminConf } from '../../kube/kubeconfig.js';
import type { NodeSpec } from '../../model/cluster.js';
import { NODE_LOCAL_PORT } from '../../model/endpoint.js';
import type { EngineContext, HostView } from './context.js';
import { controlPlaneUrl, hasBalancers, hasEtcdMachines, isControlPlane, isEtcdMachine } from './endpoint.js';
import { etcdProblems } from './etcd/preflight.js';
import type { LookedAt } from './facts-step.js';
import { controlPlanesSilent } from './found-cluster.js';
import { type HostCondition, type Problem, problemsOf } from './preflight-rules.js';
import { UNITS } from './units.js';
import { virtualIpProblems } from './virtual-ip/preflight.js';

/**
 * Judges all hosts at once, before anything is changed on any of them: one report with every problem of every
 * host. One that could not be reached is a problem where there is no cluster yet; where there is one, it only fails its
 * own steps. Errors: `preflight-failed`, `control-planes-silent`.
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
    needs: [],
    after: hosts.map(({ view }) => view.id),
    timeoutMs: 30_000,
    async read(step) {
      const looked = hosts.flatMap(({ node, view }) => {
        const found = lookedAt(step, view);
        return found === undefined ? [] : [{ node, found }];
      });
      const views = looked.flatMap(({ found }) => (found.kind === 'reached' ? [found.view] : []));
      const exists = views.some(({ kubernetes }) => kubernetes.controlPlane && kubernetes.unfinished !== 'init');
      const silent = looked.flatMap(({ node, found }) =>
        found.kind === 'unreachable' && isControlPlane(node) ? [`${node.name}: ${found.error.message}`] : [],
      );
      // Its members show that there is a cluster. They must not be taken for members of another one.
      if (
        !exists &&
        silent.length > 0 &&
        views.some(({ kubernetes }) => kubernetes.joined && kubernetes.unfinished !== 'init')
      ) {
        throw controlPlanesSilent(silent);
      }
      const problems = looked.flatMap(({ node, found }): readonly Problem[] => {
        if (found.kind === 'reached') return problemsOf(conditionOf(found.view, context));
        return exists ? [] : [unreachable(node, found.error)];
      });
      problems.push(
        ...sharedProblems(views),
        ...views.flatMap((view) => clusterProblems(view, context)),
        ...etcdProblems(views, context.cluster),
        ...virtualIpProblems(views, context.cluster),
      );
      if (problems.length > 0) throw preflightError(problems);
    },
  };
}

/** A machine that could not even be made or looked up is as one that does not answer. */
function lookedAt(step: StepContext, view: StepRef<LookedAt>): LookedAt | undefined {
  const seen = step.known(view);
  // Of a machine that is yet to be made there is nothing to say.
  if (seen.kind === 'unknown') return undefined;
  return seen.kind === 'failed' ? { kind: 'unreachable', error: seen.error } : seen.output;
}

function unreachable(node: NodeSpec, error: KubewrightError): Problem {
  return { host: node.name, text: error.message, fix: error.hint ?? 'Check the address, the user and the key.' };
}

function conditionOf(view: HostView, context: EngineContext): HostCondition {
  const { facts, kubernetes, machine, traits, etcd } = view;
  const isEtcd = isEtcdMachine(view.node);
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
    joined: kubernetes.joined || (isEtcd && etcd.member),
    controlPlane: kubernetes.controlPlane,
    unfinished: kubernetes.unfinished !== undefined || (isEtcd && etcd.begun !== undefined),
    foreignEtcd: isEtcd && etcd.data && !etcd.member && etcd.begun === undefined,
    externalEtcd: hasEtcdMachines(context.cluster),
    apiPort: context.cluster.api.port,
    balancerPort:
      hasBalancers(context.cluster) && !isEtcd && view.units.get(UNITS.balancer)?.active !== 'active'
        ? NODE_LOCAL_PORT
        : undefined,
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

/** What `up` cannot change on a cluster that is there. */
function clusterProblems({ node, kubernetes }: HostView, { cluster }: EngineContext): readonly Problem[] {
  const problems: Problem[] = [];
  const host = node.name;
  const wanted = cluster.kubernetes.version;
  if (kubernetes.version !== undefined && kubernetes.version !== wanted) {
    const text = `it runs Kubernetes ${kubernetes.version}, and cluster.yaml asks for ${wanted}`;
    problems.push({
      host,
      text,
      fix: `Set kubernetes.version to "${kubernetes.version}"; an upgrade is more than \`up\` does.`,
    });
  }
  const endpoint = kubernetes.adminConf === undefined ? undefined : readAdminConf(kubernetes.adminConf).server;
  if (kubernetes.unfinished === undefined && endpoint !== undefined && endpoint !== controlPlaneUrl(cluster)) {
    const text = `its cluster's endpoint is ${endpoint}, and cluster.yaml asks for ${controlPlaneUrl(cluster)}`;
    problems.push({ host, text, fix: 'Set api.endpoint as it was: every node and certificate depends on it.' });
  }
  if (kubernetes.joined && kubernetes.unfinished === undefined && kubernetes.controlPlane !== isControlPlane(node)) {
    const [is, shall] = kubernetes.controlPlane ? ['a control plane', 'a worker'] : ['a worker', 'a control plane'];
    const fix = `\`kubewright node replace ${host}\` takes it out and has it join as ${shall}.`;
    problems.push({ host, text: `it is ${is}, and cluster.yaml asks for ${shall}`, fix });
  }
  return problems;
}

function preflightError(problems: readonly Problem[]): KubewrightError {
  const hosts = new Set(problems.map(({ host }) => host)).size;
  const lines = problems.map(({ host, text, fix }) => `  ${host}: ${text}\n    → ${fix}`);
  const count = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} on ${hosts} ${hosts === 1 ? 'host' : 'hosts'}`;
  return new KubewrightError('preflight-failed', `${count}; nothing was changed on them:\n${lines.join('\n')}`, {
    hint: 'Mend these, then run the same command again.',
  });
}
