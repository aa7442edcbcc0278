import { addHost, addNodes, removeNodes } from '../config/edit.js';
import { KubewrightError } from '../core/errors.js';
import { hasEtcdMachines, isControlPlane } from '../engines/native/endpoint.js';
import type { Cluster } from '../model/cluster.js';
import { converge } from './converge.js';
import { exclusively } from './exclusively.js';
import { confirmLeaving } from './leave-taking.js';
import { leavingNodes } from './leaving.js';
import type { Operator } from './operator.js';
import type { UpResult } from './results.js';
import { type UpRequest, up } from './up.js';
import { unknownHost } from './workspace.js';

export interface NodeAddRequest extends UpRequest {
  readonly pool: string;
  /** How many more, where the machines are made. */
  readonly count?: number | undefined;
  /** The machine, where it exists already. */
  readonly host?: { readonly name: string; readonly address: string } | undefined;
}

/** Adds machines to a pool of cluster.yaml and does what `up` does. Errors: as those of `scale`. */
export function nodeAdd({ pool, count = 1, host, ...request }: NodeAddRequest, operator: Operator): Promise<UpResult> {
  const edit = (text: string) =>
    host === undefined ? addNodes(text, pool, count, request.file) : addHost(text, pool, host, request.file);
  return up({ verb: 'node add', ...request, edit }, operator);
}

export interface NodeNamesRequest extends UpRequest {
  readonly names: readonly string[];
}

/** Takes nodes out of cluster.yaml and does what `up` does: they are drained and removed. Errors: as those of `scale`. */
export function nodeRemove({ names, ...request }: NodeNamesRequest, operator: Operator): Promise<UpResult> {
  return up({ verb: 'node remove', ...request, edit: (text) => removeNodes(text, names, request.file) }, operator);
}

/**
 * Takes nodes out of the cluster and has new ones come in their place, under the same names: on new machines where
 * kubewright makes them, on the same ones, with Kubernetes taken off before, where they exist already. Any node can
 * be replaced, the first control plane included, as long as another holds the cluster's data. Errors: those of `up`.
 */
export function nodeReplace({ names, ...request }: NodeNamesRequest, operator: Operator): Promise<UpResult> {
  const verb = 'node replace';
  return exclusively({ file: request.file, verb }, operator, async (workspace, runner) => {
    const { cluster } = workspace;
    const replaced = names.map((name) => {
      const node = cluster.nodes.find((candidate) => candidate.name === name);
      if (node === undefined) throw unknownHost(name, cluster);
      return node;
    });
    const rest: Cluster = { ...cluster, nodes: cluster.nodes.filter((node) => !replaced.includes(node)) };
    if (!rest.nodes.some(isControlPlane)) throw onlyHolders(names, 'control plane');
    if (hasEtcdMachines(cluster) && !hasEtcdMachines(rest)) throw onlyHolders(names, 'machine for etcd');
    const existing = new Map(
      (await workspace.provider.existing(cluster, workspace.providerContext)).map((it) => [it.name, it.machine]),
    );
    const leaving = replaced.map((node) => ({ node, machine: existing.get(node.name), returns: true }));
    const others = await leavingNodes(workspace);
    await confirmLeaving([...leaving, ...others], workspace, runner, 'replaced');
    const options = { ...request, verb };
    await converge({ ...workspace, cluster: rest }, runner, [...leaving, ...others], options);
    // Under a name that was known the run would go on talking to the machine that is gone.
    await workspace.forgetHosts(names);
    return converge(workspace, runner, [], options);
  });
}

function onlyHolders(names: readonly string[], what: 'control plane' | 'machine for etcd'): KubewrightError {
  const one = names.length === 1;
  const plural = what === 'control plane' ? 'control planes' : 'machines for etcd';
  const pool = what === 'control plane' ? 'control-plane' : 'etcd';
  return new KubewrightError(
    'quorum-lost',
    `${names.join(', ')} ${one ? `is the only ${what}` : `are all ${plural}`}: the cluster's data would be gone with ${one ? 'it' : 'them'}`,
    {
      hint: one
        ? `Add ${plural} first: \`kubewright scale ${pool}=3\`.`
        : 'Replace them one after the other, so that the others hold the data meanwhile.',
    },
  );
}
