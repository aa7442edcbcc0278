import type { ChangeStep, StepContext, StepRef } from '../core/step.js';
import type { ClusterView } from '../engines/native/access.js';
import { currentContext, type KubeconfigEntry, mergeKubeconfig } from '../kube/kubeconfig.js';
import { kubeconfigPath, mergeIntoFile, readKubeconfig } from '../kube/kubeconfig-file.js';
import type { Machine } from '../providers/provider.js';
import { controlPlaneNames, currentServers } from './api-servers.js';
import type { KubeconfigResult } from './results.js';
import { contextForm, currentTunnelContext, movesOn, prepareTunnel, proveTunnel } from './tunnel-context.js';
import type { Workspace } from './workspace.js';

/** Where and how the user wants the context. */
export interface KubeconfigWish {
  readonly kubeconfig?: string | undefined;
  readonly setCurrentContext: boolean;
  /** To one API server, also where a tunnel would move on to another. */
  readonly direct?: boolean | undefined;
}

/** The steps that the context is made from. */
interface Sources {
  readonly access: StepRef<ClusterView>;
  readonly machines: ReadonlyMap<string, StepRef<Machine>>;
}

/** Puts the cluster's endpoint and credentials into the user's kubeconfig, proven as kubectl will use them. */
export function kubeconfigStep(
  workspace: Workspace,
  { access, machines }: Sources,
  wish: KubeconfigWish,
): ChangeStep<KubeconfigResult> {
  const { cluster, emit } = workspace;
  const { name } = cluster;
  const form = contextForm(cluster, wish);
  const controlPlanes = controlPlaneNames(cluster).flatMap((node) => machines.get(node) ?? []);
  const tunnelAccess = async (step: StepContext) => {
    const { server, credentials } = step.output(access);
    const found = controlPlanes.flatMap((machine) => {
      const known = step.known(machine);
      return known.kind === 'output' ? [known.output] : [];
    });
    return { cluster: name, credentials, servers: await currentServers(found, workspace, server) };
  };
  const direct = (step: StepContext): KubeconfigEntry => {
    const { server, credentials } = step.output(access);
    return { name, server, credentials };
  };
  const resultOf = (entry: KubeconfigEntry, path: string, current: boolean): KubeconfigResult => {
    if (form === 'direct' && movesOn(cluster)) emit({ type: 'note', level: 'warning', text: stays(entry) });
    return { path, context: name, current, server: entry.server, form };
  };
  return {
    kind: 'change',
    id: 'kubeconfig',
    title: 'merge the kubeconfig',
    phase: 'kubeconfig',
    needs: [access.id],
    // One that is down holds up nobody: the tunnel is there to do without it.
    after: controlPlanes.map(({ id }) => id),
    timeoutMs: 60_000,
    async check(step) {
      const entry = form === 'direct' ? direct(step) : await currentTunnelContext(await tunnelAccess(step));
      const path = await kubeconfigPath(wish.kubeconfig);
      const text = await readKubeconfig(path);
      if (entry === undefined || mergeKubeconfig(text, entry, wish.setCurrentContext) !== text) {
        const action = text === '' ? 'create' : 'update';
        return { kind: 'drifted', changes: [{ action, what: path, why: `context ${name}` }] };
      }
      if (form === 'tunnel') await proveTunnel(entry, step.signal);
      return { kind: 'current', output: resultOf(entry, path, currentContext(text) === name) };
    },
    async apply(step) {
      const entry = form === 'direct' ? direct(step) : await prepareTunnel(await tunnelAccess(step));
      if (form === 'tunnel') await proveTunnel(entry, step.signal);
      const path = await kubeconfigPath(wish.kubeconfig);
      const { current } = await mergeIntoFile(path, entry, wish.setCurrentContext);
      return resultOf(entry, path, current);
    },
  };
}

/** What is to be said of a direct context where there would be a better one. */
export function stays({ name, server }: KubeconfigEntry): string {
  return `context ${name} goes to ${server} alone: when that control plane is down, it does not move on to another`;
}
