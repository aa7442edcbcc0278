import pLimit from 'p-limit';
import { serializeError } from '../core/errors.js';
import type { NodeSpec } from '../model/cluster.js';
import type { ExistingMachine } from '../providers/provider.js';
import { sh } from '../transport/command.js';
import type { Operator } from './operator.js';
import type { ExecResult } from './results.js';
import { openWorkspace, unknownHost, type Workspace } from './workspace.js';

export interface ExecRequest {
  readonly file: string;
  readonly hosts: readonly string[] | 'all';
  /** A program and its words, passed as they are. */
  readonly command: readonly string[];
  readonly parallel: number;
}

/** Runs a command as root on several hosts; a host that cannot be reached is part of the result. Errors: `unknown-host`. */
export async function exec(request: ExecRequest, operator: Operator): Promise<readonly ExecResult[]> {
  await using workspace = await openWorkspace(request.file, operator);
  const nodes = nodesOf(request.hosts, workspace);
  const { cluster, provider, providerContext } = workspace;
  const existing = new Map((await provider.existing(cluster, providerContext)).map((it) => [it.name, it]));
  const limit = pLimit(request.parallel);
  // Awaited here: the connections are closed when this function ends.
  return await Promise.all(
    nodes.map((node) => limit(() => execOn(node, existing.get(node.name), request.command, workspace, operator))),
  );
}

function nodesOf(hosts: readonly string[] | 'all', { cluster }: Workspace): readonly NodeSpec[] {
  if (hosts === 'all') return cluster.nodes;
  return [...new Set(hosts)].map((name) => {
    const node = cluster.nodes.find((candidate) => candidate.name === name);
    if (node === undefined) throw unknownHost(name, cluster);
    return node;
  });
}

async function execOn(
  node: NodeSpec,
  existing: ExistingMachine | undefined,
  command: readonly string[],
  workspace: Workspace,
  operator: Operator,
): Promise<ExecResult> {
  const failed = { host: node.name, code: 255, stdout: '', stderr: '' };
  if (existing?.machine === undefined) {
    return { ...failed, error: { code: 'host-unreachable', message: `${node.name} does not exist yet` } };
  }
  try {
    const host = await workspace.openHost(existing.machine.ssh, operator.abort);
    const { code, stdout, stderr } = await host.script(sh`${[...command]}`, {
      context: {
        signal: operator.abort,
        line: (line, stream = 'stdout') =>
          operator.emit({ type: 'output', id: `${node.name}/exec`, host: node.name, stream, line }),
      },
      title: command.join(' '),
      timeoutMs: 24 * 3600_000,
      allowFailure: true,
    });
    return { host: node.name, code, stdout, stderr };
  } catch (error) {
    if (operator.abort.aborted) throw error;
    return { ...failed, error: serializeError(error) };
  }
}
