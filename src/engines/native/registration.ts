import type { Change, ChangeStep, StepRef } from '../../core/step.js';
import type { KubeList, KubeNode } from '../../kube/objects.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { ClusterView } from './access.js';
import { nodeStep } from './context.js';
import { LEAVING } from './leave.js';

/**
 * Gives every node the labels and taints of its pool. Those that others set stay; those that kubewright set and
 * that cluster.yaml does not name any more are taken away (annotations remember which they were).
 */
export function registrationStep(nodes: readonly NodeSpec[], access: StepRef<ClusterView>): ChangeStep {
  const wanted = new Map(nodes.map((node) => [node.name, node]));
  return {
    kind: 'change',
    id: 'cluster/labels',
    title: 'label and taint the nodes as asked',
    phase: 'nodes',
    needs: [access.id],
    after: nodes.map((node) => nodeStep(node, 'join')),
    timeoutMs: 60_000,
    check(step) {
      const known = step.output(access).nodes;
      const changes = nodes.flatMap((node) => {
        const joined = step.known<boolean>({ id: nodeStep(node, 'join') });
        // What could not join has nothing to be labelled.
        if (joined.kind === 'failed') return [];
        // One that joins in this run is new, whatever was known under its name before.
        const isNew = joined.kind === 'unknown' || joined.output;
        return registrationChanges(node, isNew ? undefined : known.get(node.name));
      });
      return changes.length === 0 ? { kind: 'current', output: undefined } : { kind: 'drifted', changes };
    },
    async apply(step) {
      const { client } = step.output(access);
      const list = await client.get<KubeList<KubeNode>>('/api/v1/nodes', step.signal);
      await Promise.all(
        (list?.items ?? []).map(async (actual) => {
          const node = wanted.get(actual.metadata.name);
          if (node === undefined || registrationChanges(node, actual).length === 0) return;
          await client.patch(`/api/v1/nodes/${node.name}`, registrationPatch(node, actual), step.signal);
        }),
      );
    },
  };
}

/** The labels a node shall have: its pool's, the pool's name, and its role where kubectl shows it. */
function wantedLabels(node: NodeSpec): Readonly<Record<string, string>> {
  return {
    ...(node.roles.includes('worker') ? { 'node-role.kubernetes.io/worker': '' } : {}),
    'kubewright.dev/pool': node.pool,
    ...node.labels,
  };
}

/** What labels and taints differ on a node as the API knows it. */
export function registrationChanges(node: NodeSpec, actual: KubeNode | undefined): readonly Change[] {
  const labels = actual?.metadata.labels ?? {};
  const changes: Change[] = [];
  for (const [key, value] of Object.entries(wantedLabels(node))) {
    if (labels[key] === value) continue;
    const why = labels[key] === undefined ? 'missing' : `is "${labels[key]}"`;
    changes.push({
      action: labels[key] === undefined ? 'create' : 'update',
      what: `label ${key}=${value} on ${node.name}`,
      why,
    });
  }
  for (const key of managedBefore(actual)) {
    if (key in wantedLabels(node) || labels[key] === undefined) continue;
    changes.push({ action: 'delete', what: `label ${key} on ${node.name}`, why: 'not in cluster.yaml any more' });
  }
  const taints = (actual?.spec?.taints ?? []).map(taintText);
  const wantedTaints = node.taints.map(taintText);
  for (const taint of wantedTaints) {
    if (taints.includes(taint)) continue;
    changes.push({
      action: 'create',
      what: `taint ${taint} on ${node.name}`,
      why: 'missing',
      disruptive: taint.endsWith(':NoExecute') || undefined,
    });
  }
  for (const taint of managedTaints(actual)) {
    if (wantedTaints.includes(taint) || !taints.includes(taint)) continue;
    changes.push({ action: 'delete', what: `taint ${taint} on ${node.name}`, why: 'not in cluster.yaml any more' });
  }
  if (isCordonedByUs(actual)) {
    changes.push({
      action: 'update',
      what: `node ${node.name}`,
      why: 'cordoned when it was to leave, and wanted again',
    });
  }
  // A run that was cut off between joining and labelling must not lose track of what is ours.
  if (
    changes.length === 0 &&
    actual !== undefined &&
    managedTaints(actual).join() !== [...wantedTaints].sort().join()
  ) {
    changes.push({
      action: 'update',
      what: `annotation ${MANAGED_TAINTS} on ${node.name}`,
      why: 'its taints are not noted',
    });
  }
  return changes;
}

function registrationPatch(node: NodeSpec, actual: KubeNode): object {
  const wanted = wantedLabels(node);
  const gone = managedBefore(actual).filter((key) => !(key in wanted));
  const managed = managedTaints(actual);
  const back = isCordonedByUs(actual);
  const others = (actual.spec?.taints ?? []).filter(
    (taint) =>
      !managed.includes(taintText(taint)) &&
      !node.taints.some((own) => own.key === taint.key && own.effect === taint.effect),
  );
  return {
    metadata: {
      labels: { ...wanted, ...Object.fromEntries(gone.map((key) => [key, null])) },
      annotations: {
        [MANAGED]: Object.keys(wanted).sort().join(','),
        [MANAGED_TAINTS]: node.taints.map(taintText).sort().join(','),
        ...(back ? { [LEAVING]: null } : {}),
      },
    },
    spec: { taints: [...others, ...node.taints], ...(back ? { unschedulable: null } : {}) },
  };
}

function isCordonedByUs(actual: KubeNode | undefined): boolean {
  return actual?.spec?.unschedulable === true && actual.metadata.annotations?.[LEAVING] !== undefined;
}

function managedTaints(actual: KubeNode | undefined): readonly string[] {
  return (actual?.metadata.annotations?.[MANAGED_TAINTS] ?? '').split(',').filter((taint) => taint !== '');
}

function managedBefore(actual: KubeNode | undefined): readonly string[] {
  return (actual?.metadata.annotations?.[MANAGED] ?? '').split(',').filter((key) => key !== '');
}

function taintText({ key, value, effect }: { key: string; value?: string | undefined; effect: string }): string {
  return `${key}${value === undefined || value === '' ? '' : `=${value}`}:${effect}`;
}

const MANAGED = 'kubewright.dev/managed-labels';
const MANAGED_TAINTS = 'kubewright.dev/managed-taints';
