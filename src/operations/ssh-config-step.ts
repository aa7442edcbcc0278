import { join } from 'node:path';
import type { ReadStep, StepRef } from '../core/step.js';
import type { Machine } from '../providers/provider.js';
import { writeFileAtomically } from '../state/atomic-file.js';
import { renderKnownHosts, renderSshConfig } from '../transport/ssh/ssh-config.js';
import type { SshTarget } from '../transport/target.js';
import type { Workspace } from './workspace.js';

/** Keeps the cluster's ssh_config in step with its machines: for `kubewright ssh`, and for people. */
export function sshConfigStep(workspace: Workspace, machines: ReadonlyMap<string, StepRef<Machine>>): ReadStep<string> {
  return {
    kind: 'read',
    id: 'ssh-config',
    title: 'write ssh_config',
    phase: 'machines',
    needs: [...machines.values()].map(({ id }) => id),
    timeoutMs: 15_000,
    async read(step) {
      const targets = [...machines.values()].map((machine) => step.output(machine).ssh);
      return step.mode === 'plan' ? sshConfigPath(workspace) : writeSshConfig(targets, workspace);
    },
  };
}

/** Writes the file, and the known_hosts that it names, into the cluster's state folder; gives its path. */
export async function writeSshConfig(targets: readonly SshTarget[], workspace: Workspace): Promise<string> {
  const path = sshConfigPath(workspace);
  const knownHostsFile = join(workspace.providerContext.stateDirectory, 'ssh_known_hosts');
  await writeFileAtomically(knownHostsFile, renderKnownHosts(targets), { doing: 'write the known hosts' });
  await writeFileAtomically(path, renderSshConfig(targets, { knownHostsFile }), { doing: 'write ssh_config' });
  return path;
}

function sshConfigPath({ providerContext }: Workspace): string {
  return join(providerContext.stateDirectory, 'ssh_config');
}
