import { join } from 'node:path';
import { resolveKubectl } from '../artifacts/kubectl.js';
import type { ReadStep } from '../core/step.js';
import { provideKubectl, type UserKubectl } from '../kube/user-kubectl.js';
import { cacheDirectory } from '../state/paths.js';
import type { Workspace } from './workspace.js';

/** The kubectl that kubewright itself runs (the cluster's version), and the one that the user has. */
export interface Kubectl {
  readonly pinned: string;
  readonly user: UserKubectl;
}

/**
 * Has the pinned kubectl at hand and makes sure that the user has one. A read step: what it puts in place is a
 * file of its own that was missing, nothing of the cluster.
 */
export function kubectlStep(workspace: Workspace, after: readonly string[]): ReadStep<Kubectl | undefined> {
  const { cluster, paths, emit } = workspace;
  return {
    kind: 'read',
    id: 'kubectl',
    title: 'have kubectl at hand',
    phase: 'kubeconfig',
    needs: [],
    after,
    timeoutMs: 20 * 60_000,
    async read(step) {
      if (step.mode === 'plan') return undefined;
      const pinned = await resolveKubectl({
        kubernetesVersion: cluster.kubernetes.version,
        platform: process.platform,
        arch: process.arch,
        source: cluster.artifacts.source,
        mirrors: cluster.artifacts.mirrors,
        cacheDirectory: cacheDirectory(),
        lockFile: join(paths.directory, 'artifacts.lock'),
        signal: step.signal,
        report(event) {
          if (event.kind === 'progress') step.progress(event.done, event.total, event.unit, event.what);
          else step.line(event.text);
        },
      });
      const user = await provideKubectl(pinned);
      if (user.state === 'installed') {
        emit({
          type: 'note',
          level: 'info',
          text: `kubectl ${cluster.kubernetes.version} was installed at ${user.path}`,
        });
      }
      return { pinned, user };
    },
  };
}
