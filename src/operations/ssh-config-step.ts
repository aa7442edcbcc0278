import { join } from 'node:path';
import type { ReadStep, StepRef } from '../core/step.js';
import type { Machine } from '../providers/provider.js';
import { writeFileAtomically } from '../state/atomic-file.js';
import { renderSshConfig } from '../transport/ssh/ssh-config.js';
import type { Workspace } from './workspace.js';

/** The file's name in the cluster's state folder. */
export const SSH_CONFIG = 'ssh_config';

/** Keeps the cluster's ssh_config in step with its machines: for `kubewright ssh`, and for people. */
export function sshConfigStep(workspace: Workspace, machines: ReadonlyMap<string, StepRef<Machine>>): ReadStep<string> {
  const { stateDirectory } = workspace.providerContext;
  return {
    kind: 'read',
    id: 'ssh-config',
    title: 'write ssh_config',
    phase: 'machines',
    needs: [...machines.values()].map(({ id }) => id),
    timeoutMs: 15_000,
    async read(step) {
      const path = join(stateDirectory, SSH_CONFIG);
      if (step.mode === 'plan') return path;
      const targets = [...machines.values()].map((machine) => step.output(machine).ssh);
      await writeFileAtomically(path, renderSshConfig(targets, { directory: stateDirectory }), { mode: 0o600 });
      return path;
    },
  };
}
