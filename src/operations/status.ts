import { X509Certificate } from 'node:crypto';
import { KubewrightError, serializeError } from '../core/errors.js';
import type { HostView } from '../engines/native/context.js';
import { isEtcdMachine } from '../engines/native/endpoint.js';
import { defineProbe, gather } from '../host/probe.js';
import type { ApiAccess } from '../kube/access.js';
import { isReady, type KubeList, type KubeNode } from '../kube/objects.js';
import type { NodeSpec } from '../model/cluster.js';
import type { ExistingMachine } from '../providers/provider.js';
import { sh } from '../transport/command.js';
import type { Operator } from './operator.js';
import type { NodeStatus, StatusResult } from './results.js';
import { accessThrough, lookAtHost } from './running-cluster.js';
import { openWorkspace, type Workspace } from './workspace.js';

/** How the cluster is, seen from the machines and from its API; changes nothing, and a host that is down holds up no other. */
export async function status(request: { readonly file: string }, operator: Operator): Promise<StatusResult> {
  await using workspace = await openWorkspace(request.file, operator);
  const { cluster, provider, providerContext } = workspace;
  const existing = new Map((await provider.existing(cluster, providerContext)).map((it) => [it.name, it]));
  const looks = await Promise.all(
    cluster.nodes.map((node) => look(node, existing.get(node.name), workspace, operator.abort)),
  );
  const api = await reachApi(looks, workspace, operator.abort);
  const nodes = looks.map((it) => nodeStatus(it, api, workspace));
  api?.access.client[Symbol.dispose]();
  return {
    cluster: cluster.name,
    server: api?.access.server,
    apiReachable: api !== undefined,
    nodes,
    healthy: api !== undefined && nodes.every(({ problems }) => problems.length === 0),
  };
}

interface Look {
  readonly node: NodeSpec;
  readonly existing: ExistingMachine | undefined;
  readonly view?: HostView;
  readonly expires?: string | undefined;
  readonly error?: string;
}

async function look(
  node: NodeSpec,
  existing: ExistingMachine | undefined,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<Look> {
  const machine = existing?.machine;
  if (machine === undefined || existing?.state === 'stopped') return { node, existing };
  try {
    const view = await lookAtHost(node, machine, workspace, signal);
    if (!view.kubernetes.controlPlane) return { node, existing, view };
    const context = { signal, line: () => {} };
    const { certificates } = await gather(view.host, { certificates: certificatesProbe }, { context });
    return { node, existing, view, expires: certificates.ok ? certificates.value : undefined };
  } catch (error) {
    if (signal.aborted) throw error;
    const message = error instanceof KubewrightError ? serializeError(error).message : 'it did not answer in time';
    return { node, existing, error: message };
  }
}

interface Api {
  readonly access: ApiAccess;
  readonly nodes: ReadonlyMap<string, KubeNode>;
}

/** By the first control plane whose credentials open its API. */
async function reachApi(looks: readonly Look[], workspace: Workspace, signal: AbortSignal): Promise<Api | undefined> {
  for (const { view } of looks) {
    if (view === undefined) continue;
    try {
      const access = await accessThrough(view, workspace, signal);
      if (access === undefined) continue;
      const list = await access.client.get<KubeList<KubeNode>>('/api/v1/nodes', signal);
      return { access, nodes: new Map(list?.items.map((node) => [node.metadata.name, node])) };
    } catch (error) {
      if (signal.aborted) throw error;
    }
  }
  return undefined;
}

function nodeStatus(
  { node, existing, view, expires, error }: Look,
  api: Api | undefined,
  workspace: Workspace,
): NodeStatus {
  const member = api?.nodes.get(node.name);
  const forEtcd = isEtcdMachine(node);
  const runsEtcd = view?.etcd.member === true && view.etcd.begun === undefined;
  const ready = forEtcd ? runsEtcd : member !== undefined && isReady(member);
  const version = member?.status?.nodeInfo?.kubeletVersion;
  const wanted = `v${workspace.cluster.kubernetes.version}`;
  const problems = [
    ...(existing === undefined ? ['the machine does not exist'] : []),
    ...(existing?.state === 'stopped' ? ['the machine is stopped'] : []),
    ...(error === undefined ? [] : [error.split('\n')[0] ?? error]),
    ...(view !== undefined && !(forEtcd ? runsEtcd : view.kubernetes.joined)
      ? ['not a member of the cluster yet']
      : []),
    ...(api !== undefined && view?.kubernetes.joined && member === undefined
      ? ['the API server does not know it']
      : []),
    ...(member !== undefined && !ready ? [`not Ready: ${notReadyReason(member)}`] : []),
    ...(version !== undefined && version !== wanted ? [`runs ${version}, cluster.yaml asks for ${wanted}`] : []),
    ...(member?.spec?.unschedulable ? ['cordoned'] : []),
    ...(expires !== undefined && Date.parse(expires) < Date.now() + EXPIRY_WARNING_MS
      ? [`certificates expire ${expires}`]
      : []),
  ];
  const state = existing === undefined ? 'missing' : error !== undefined ? 'unreachable' : existing.state;
  return {
    name: node.name,
    role: node.roles.join(','),
    machine: state,
    ready,
    version,
    address: existing?.machine?.address,
    certificatesExpire: expires,
    problems,
  };
}

function notReadyReason(node: KubeNode): string {
  return node.status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? 'no status yet';
}

/** The end of the first certificate to expire, of those that kubeadm made on a control plane. ISO 8601. */
const certificatesProbe = defineProbe<string>({
  name: 'certificates',
  script: sh`cat /etc/kubernetes/pki/*.crt /etc/kubernetes/pki/etcd/*.crt`,
  parse(output) {
    const certificates = output.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    const ends = certificates.map((pem) => Date.parse(new X509Certificate(pem).validTo));
    if (ends.length === 0) throw new Error('there are no certificates');
    return new Date(Math.min(...ends)).toISOString();
  },
});

const EXPIRY_WARNING_MS = 30 * 24 * 3600_000;
