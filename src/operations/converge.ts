import type { ReadStep, StepRef } from '../core/step.js';
import type { LeavingNode } from '../engines/native/departures.js';
import { runProgram } from '../transport/program.js';
import { clusterGraph } from './cluster-graph.js';
import { runSteps, throwFailure } from './graph-run.js';
import { kubeconfigStep } from './kubeconfig-step.js';
import type { Kubectl } from './kubectl-step.js';
import { forgetLeft } from './leave-taking.js';
import type { LeavingWish } from './leaving.js';
import type { Operator } from './operator.js';
import type { KubeconfigResult, UpResult } from './results.js';
import { sshConfigStep } from './ssh-config-step.js';
import type { Workspace } from './workspace.js';

export interface ConvergeOptions extends LeavingWish {
  readonly setCurrentContext: boolean;
  readonly kubeconfig?: string | undefined;
  /** A context to one API server, also where a tunnel would move on to another. */
  readonly direct?: boolean | undefined;
  /** What the run is called: the verb that the user gave. Default "up". */
  readonly verb?: string | undefined;
}

/** Brings the cluster to what it shall be, the nodes that leave included. The lock must be held. Errors: as those of `up`. */
export async function converge(
  workspace: Workspace,
  operator: Operator,
  leaving: readonly LeavingNode[],
  options: ConvergeOptions,
): Promise<UpResult> {
  const { cluster } = workspace;
  const graph = await clusterGraph(workspace, leaving, options);
  const kubeconfig = kubeconfigStep(workspace, graph, options);
  const { kubectl } = graph;
  const ending: Ending = {};
  const steps = [
    ...graph.steps,
    sshConfigStep(workspace, graph.machines),
    kubeconfig,
    endingStep(
      kubeconfig,
      kubectl,
      leaving.map(({ node }) => `${node.name}/leave`),
      ending,
    ),
  ];
  const result = await runSteps(steps, {
    ...{ verb: options.verb ?? 'up', mode: 'apply', cluster, operator, emit: workspace.emit },
    leaving: leaving.map(({ node }) => node),
  });
  await forgetLeft(leaving, result, workspace);
  throwFailure(result);
  const { kubectl: tools, kubeconfig: config, nodes } = ending;
  if (tools === undefined || config === undefined || nodes === undefined) {
    throw new Error('a run ended well without an ending');
  }
  return {
    cluster: cluster.name,
    changed: result.changed,
    unchanged: result.unchanged,
    ms: result.ms,
    kubeconfig: config,
    kubectl: tools.user.path,
    nodes,
    next: nextCommands(workspace, config, tools),
  };
}

/** What the last step leaves for the result. */
interface Ending {
  kubectl?: Kubectl | undefined;
  kubeconfig?: KubeconfigResult;
  nodes?: string;
}

/** The proof for people: kubectl itself, with the kubeconfig that was just written. */
function endingStep(
  kubeconfig: StepRef<KubeconfigResult>,
  kubectl: StepRef<Kubectl | undefined>,
  after: readonly string[],
  ending: Ending,
): ReadStep {
  return {
    kind: 'read',
    id: 'cluster/nodes',
    title: 'ask kubectl for the nodes',
    phase: 'kubeconfig',
    needs: [kubeconfig.id, kubectl.id, 'cluster/ready', 'cluster/labels'],
    after,
    timeoutMs: 30_000,
    async read(step) {
      const config = step.output(kubeconfig);
      const tools = step.output(kubectl);
      ending.kubeconfig = config;
      ending.kubectl = tools;
      if (tools === undefined) return;
      const args = ['--kubeconfig', config.path, '--context', config.context, 'get', 'nodes', '-o', 'wide'];
      const { stdout, stderr, code } = await runProgram(tools.pinned, args, { signal: step.signal, timeoutMs: 25_000 });
      if (code !== 0) throw new Error(`kubectl get nodes ended with ${code}: ${stderr.trim()}`);
      ending.nodes = stdout.trimEnd();
    },
  };
}

function nextCommands(workspace: Workspace, config: KubeconfigResult, tools: Kubectl): UpResult['next'] {
  const { cluster, file } = workspace;
  const kubectl = config.current ? tools.user.command : `${tools.user.command} --context ${config.context}`;
  const flag = file === 'cluster.yaml' || file === './cluster.yaml' ? '' : ` -f ${file}`;
  const node = cluster.nodes.find(({ roles }) => roles.includes('worker')) ?? cluster.nodes[0];
  return [
    { command: `${kubectl} get pods -A`, why: 'what runs in it' },
    { command: `kubewright ssh${flag} ${node?.name ?? ''}`, why: 'a shell on a node' },
    { command: `kubewright down${flag}`, why: 'remove it all again' },
  ];
}
