import type { ChangeStep, StepRef } from '../core/step.js';
import type { ClusterView } from '../engines/native/access.js';
import { currentContext, type KubeconfigEntry, mergeKubeconfig } from '../kube/kubeconfig.js';
import { kubeconfigPath, mergeIntoFile, readKubeconfig } from '../kube/kubeconfig-file.js';
import type { KubeconfigResult } from './results.js';

/** Where and how the user wants the context. */
export interface KubeconfigWish {
  readonly kubeconfig?: string | undefined;
  readonly setCurrentContext: boolean;
}

/** Puts the proven endpoint and its credentials into the user's kubeconfig. */
export function kubeconfigStep(
  name: string,
  access: StepRef<ClusterView>,
  wish: KubeconfigWish,
): ChangeStep<KubeconfigResult> {
  const entryOf = ({ server, credentials }: ClusterView): KubeconfigEntry => ({ name, server, credentials });
  return {
    kind: 'change',
    id: 'kubeconfig',
    title: 'merge the kubeconfig',
    phase: 'kubeconfig',
    needs: [access.id],
    timeoutMs: 60_000,
    async check(step) {
      const entry = entryOf(step.output(access));
      const path = await kubeconfigPath(wish.kubeconfig);
      const text = await readKubeconfig(path);
      const wanted = mergeKubeconfig(text, entry, wish.setCurrentContext);
      if (wanted !== text) {
        return {
          kind: 'drifted',
          changes: [{ action: text === '' ? 'create' : 'update', what: path, why: `context ${name}` }],
        };
      }
      return {
        kind: 'current',
        output: { path, context: name, current: currentContext(text) === name, server: entry.server },
      };
    },
    async apply(step) {
      const entry = entryOf(step.output(access));
      const path = await kubeconfigPath(wish.kubeconfig);
      const { current } = await mergeIntoFile(path, entry, wish.setCurrentContext);
      return { path, context: name, current, server: entry.server };
    },
  };
}
