import type { Taint } from './cluster.js';
import { subdomainProblem } from './names.js';

/*
 * Labels and taints as Kubernetes itself validates them (apimachinery's IsQualifiedName and IsValidLabelValue, and
 * ValidateTaintsInNode), plus what Kubernetes accepts but takes back: keys that one of its own parts owns.
 */

export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;

/** What kubeadm puts on a control plane so that workloads stay away. */
export const CONTROL_PLANE_TAINT: Taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

/** What is wrong with a label's or a taint's key, or undefined. */
export function keyProblem(key: string): string | undefined {
  const slash = key.indexOf('/');
  const prefix = slash === -1 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  if (prefix !== undefined) {
    const problem = subdomainProblem(prefix);
    if (problem !== undefined) return `has the prefix "${prefix}", which ${problem}`;
  }
  if (name === '') return slash === -1 ? 'is empty' : 'has nothing after "/"';
  return partProblem(name);
}

/** What is wrong with a label's or a taint's value, or undefined. It may be empty. */
export function valueProblem(value: string): string | undefined {
  return value === '' ? undefined : partProblem(value);
}

/** What of kubernetes.io and k8s.io may be chosen for a label, in words. */
export const OPEN_LABELS =
  'node-role.kubernetes.io/NAME, node-restriction.kubernetes.io/NAME, topology.kubernetes.io/region and /zone, node.kubernetes.io/instance-type and /exclude-from-external-load-balancers';

/**
 * Why a label may not be chosen although its syntax is right, or undefined. Labels are set through the API and not by
 * the kubelet, so that the NodeRestriction plugin's limits do not hold; but the kubelet owns some
 * (its updateDefaultLabels), kubeadm owns the role of control planes, and of the rest of kubernetes.io and k8s.io,
 * which Kubernetes keeps for itself, only `OPEN_LABELS` are meant to be set by people.
 */
export function reservedLabelProblem(key: string): string | undefined {
  const slash = key.indexOf('/');
  const prefix = slash === -1 ? '' : key.slice(0, slash);
  const name = key.slice(slash + 1);
  if (!/(^|\.)(kubernetes|k8s)\.io$/.test(prefix)) return undefined;
  if (prefix === 'node-role.kubernetes.io' && ['control-plane', 'master'].includes(name)) {
    return 'follows from the roles of the pool and cannot be set as a label';
  }
  if (prefix === 'node-role.kubernetes.io' || prefix === 'node-restriction.kubernetes.io') return undefined;
  return OPEN_KEYS.includes(key) ? undefined : 'is reserved for Kubernetes';
}

/** Why a taint may not be chosen although its syntax is right: the node controllers set and remove it themselves. */
export function reservedTaintProblem(key: string): string | undefined {
  const isOwned = key.startsWith('node.kubernetes.io/') || key.startsWith('node.cloudprovider.kubernetes.io/');
  return isOwned ? 'is set and removed by Kubernetes itself, by the state of the node' : undefined;
}

/** Reads kubectl's notation, "key=value:NoSchedule" or "key:NoSchedule". The parts are not validated. */
export function parseTaint(text: string): { key: string; value?: string; effect: string } | undefined {
  const match = /^([^=:]+)(?:=([^:]*))?:([^:]+)$/.exec(text);
  if (match === null) return undefined;
  const [, key = '', value, effect = ''] = match;
  return { key, effect, ...(value === undefined || value === '' ? {} : { value }) };
}

/** kubectl's notation of a taint. */
export function formatTaint(taint: { key: string; value?: string | undefined; effect: string }): string {
  return `${taint.key}${taint.value === undefined ? '' : `=${taint.value}`}:${taint.effect}`;
}

const OPEN_KEYS: readonly string[] = [
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'node.kubernetes.io/instance-type',
  'node.kubernetes.io/exclude-from-external-load-balancers',
];

function partProblem(part: string): string | undefined {
  if (part.length > 63) return `has ${part.length} characters where at most 63 are allowed`;
  if (!/^[A-Za-z0-9._-]*$/.test(part)) return 'may have only letters, digits, "-", "_" and "."';
  if (!/^[A-Za-z0-9].*[A-Za-z0-9]$|^[A-Za-z0-9]$/.test(part)) return 'must begin and end with a letter or a digit';
  return undefined;
}
