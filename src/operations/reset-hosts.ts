import { KubewrightError } from '../core/errors.js';
import type { GraphResult } from '../core/graph-result.js';
import type { Step, StepRef } from '../core/step.js';
import { knownMachineStep } from '../engines/native/known-machine.js';
import { type ResetOutcome, resetStep } from '../engines/native/reset.js';
import type { NodeSpec } from '../model/cluster.js';
import type { Machine } from '../providers/provider.js';
import { leavingNodes } from './leaving.js';
import type { HostReset } from './results.js';
import type { Workspace } from './workspace.js';

/** The part of a graph that takes Kubernetes off hosts, and what it found and left. */
export interface HostResets {
  readonly steps: readonly Step[];
  /** The nodes whose hosts are reset, those that have left cluster.yaml included. */
  readonly nodes: readonly NodeSpec[];
  /** Nodes of which nothing is left to be remembered when all has gone well. */
  readonly gone: (result: GraphResult) => ReadonlySet<string>;
  readonly report: (result: GraphResult) => readonly HostReset[];
}

/**
 * A reset for every machine of the cluster that exists: of the nodes that cluster.yaml names and of those that it named
 * once and of which it is not known that they are gone. None waits for another. Errors: those of the provider.
 */
export async function hostResets(workspace: Workspace, wish: { forceUnreachable: boolean }): Promise<HostResets> {
  const { cluster, openHost } = workspace;
  const departing = await leavingNodes(workspace);
  const existing = await workspace.provider.existing(cluster, workspace.providerContext);
  const machines = new Map(existing.map(({ name, machine }) => [name, machine]));
  const hosts = distinct([...cluster.nodes.map((node) => ({ node, machine: machines.get(node.name) })), ...departing]);
  const resets = hosts.map(({ node, machine }) => {
    const known = knownMachineStep(node, machine);
    return { node, known, reset: resetStep(node, known, { openHost }, wish) };
  });
  return {
    steps: resets.flatMap(({ known, reset }) => [known, reset]),
    nodes: resets.map(({ node }) => node),
    gone(result) {
      const stays = new Set(
        resets.filter(({ reset }) => result.output(reset)?.kind !== 'reset').map(({ node }) => node.name),
      );
      return new Set(departing.map(({ node }) => node.name).filter((name) => !stays.has(name)));
    },
    report: (result) => resets.map(({ node, reset }) => reportOf(node, reset, result)),
  };
}

interface KnownHost {
  readonly node: NodeSpec;
  readonly machine: Machine;
}

/** A host that was given another name is still one host, and must not be reset twice at a time. */
function distinct(
  hosts: readonly { readonly node: NodeSpec; readonly machine: Machine | undefined }[],
): readonly KnownHost[] {
  const known = new Map<string, KnownHost>();
  for (const { node, machine } of hosts) {
    if (machine === undefined) continue;
    const place = `${machine.ssh.address}:${machine.ssh.port}`;
    if (!known.has(place)) known.set(place, { node, machine });
  }
  return [...known.values()];
}

function reportOf(node: NodeSpec, reset: StepRef<ResetOutcome>, result: GraphResult): HostReset {
  const outcome = result.outcomes.get(reset.id);
  const output = result.output(reset);
  if (output === undefined) throw new KubewrightError('internal', `${node.name} was not reset, and nothing says so`);
  return {
    host: node.name,
    removed: outcome?.state === 'changed' ? outcome.changes.map(({ what }) => what) : [],
    left: output.kind === 'reset' ? output.left : [],
    ...(output.kind === 'silent' ? { silent: output.why } : {}),
  };
}
