import { KubewrightError } from '../core/errors.js';
import { quote } from '../transport/command.js';
import { runProgram } from '../transport/program.js';
import type { Operator } from './operator.js';
import { writeSshConfig } from './ssh-config-step.js';
import { openWorkspace, unknownHost } from './workspace.js';

export interface SshRequest {
  readonly file: string;
  readonly host: string;
  /** Empty: a login shell. */
  readonly command: readonly string[];
}

/** Gives the terminal to the system's ssh, connected to the host; resolves with its exit code. Errors: `unknown-host`, `program-missing`. */
export async function ssh(request: SshRequest, operator: Operator): Promise<number> {
  await using workspace = await openWorkspace(request.file, operator);
  const { cluster, provider, providerContext } = workspace;
  if (!cluster.nodes.some(({ name }) => name === request.host)) throw unknownHost(request.host, cluster);
  const existing = await provider.existing(cluster, providerContext);
  const targets = existing.flatMap(({ machine }) => (machine === undefined ? [] : [machine.ssh]));
  if (!targets.some(({ name }) => name === request.host)) {
    throw new KubewrightError('host-unreachable', `${request.host} does not exist yet`, {
      hint: 'Run `kubewright up` first.',
    });
  }
  const config = await writeSshConfig(targets, workspace);
  // ssh joins  const config = await writeSshConfig(targets, workspace);
  // ssh joins its words with spaces for the remote shell: only quoting keeps them apart.
  const words = request.command.map((word) => quote(word));
  const { code } = await runProgram('ssh', ['-F', config, request.host, ...words], {
    signal: operator.abort,
    stdin: 'inherit',
  });
  return code;
}
