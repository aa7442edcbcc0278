import { hasBalancers, hasEtcdMachines, isEtcdMachine } from '../../engines/native/endpoint.js';
import { isMember as hasMember } from '../../engines/native/etcd/etcd-cluster.js';
import { UNITS } from '../../engines/native/units.js';
import { isReady, type KubeNode } from '../../kube/objects.js';
import type { Cluster } from '../../model/cluster.js';
import type { ApiServerStatus, EtcdStatus, NodeStatus, StrangerStatus } from '../results.js';
import type { EtcdAnswer } from './etcd.js';
import type { Look } from './look.js';

/** Everything that was found out, from which is told what is wrong. */
export interface Findings {
  readonly cluster: Cluster;
  readonly looks: readonly Look[];
  readonly apiServers: readonly ApiServerStatus[];
  /** By name; undefined where the API does not answer. */
  readonly members: ReadonlyMap<string, KubeNode> | undefined;
  readonly etcd: EtcdAnswer;
  /** By node name. */
  readonly pendingChanges: ReadonlyMap<string, number>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How one node is, and what is wrong with it: nothing is, of one that is to be removed. Pure. */
export function nodeStatus(look: Look, findings: Findings): NodeStatus {
  const { node, wanted, existing, view, expires, error } = look;
  const member = findings.members?.get(node.name);
  return {
    name: node.name,
    role: node.roles.join(','),
    wanted,
    machine:
      existing === undefined ? 'missing' : error !== undefined ? 'unreachable' : view ? 'running' : existing.state,
    ready: isEtcdMachine(node) ? isHealthy(node.name, findings) : member !== undefined && isReady(member),
    version: member?.status?.nodeInfo?.kubeletVersion,
    address: existing?.machine?.address,
    certificatesExpire: expires,
    pendingChanges: findings.pendingChanges.get(node.name),
    problems: wanted
      ? [
          ...machineProblems(look),
          ...(isEtcdMachine(node) ? etcdProblems(look, findings) : kubernetesProblems(look, member, findings)),
        ]
      : [],
  };
}

/** What is wrong and concerns no single node. Pure. */
export function clusterProblems({ looks, apiServers, etcd }: Findings): readonly string[] {
  const names = new Set(looks.map(({ node }) => node.name));
  const others = (etcd.etcd?.members ?? []).filter(({ name }) => !names.has(name));
  return [
    ...apiServers
      .filter(({ name, answers }) => !answers && !names.has(name))
      .map(({ name, server, error }) => `${name}: ${server} does not answer: ${error}`),
    ...(etcd.error === undefined ? [] : [`etcd cannot be asked: ${etcd.error}`]),
    ...others.map(({ name, id, votes }) => {
      const who = name === '' ? `etcd member ${id} has never started` : `etcd member ${name} is none of these machines`;
      return votes ? `${who}, and has a vote` : who;
    }),
  ];
}

/** Nodes of the API that nobody here knows. Pure. */
export function strangersAmong({ members, looks }: Pick<Findings, 'members' | 'looks'>): readonly StrangerStatus[] {
  const names = new Set(looks.map(({ node }) => node.name));
  return [...(members?.values() ?? [])]
    .filter(({ metadata }) => !names.has(metadata.name))
    .map((node) => ({
      name: node.metadata.name,
      ready: isReady(node),
      version: node.status?.nodeInfo?.kubeletVersion,
    }));
}

function machineProblems({ node, existing, error }: Look): readonly string[] {
  return [
    ...(existing === undefined ? ['the machine does not exist'] : []),
    ...(existing?.state === 'stopped' ? ['the machine is stopped'] : []),
    ...(error === undefined ? [] : [withoutName(error.split('\n')[0] ?? error, node.name)]),
  ];
}

/** What is told of a node need not begin with its name. */
function withoutName(text: string, name: string): string {
  return text.startsWith(`${name} `) ? text.slice(name.length + 1) : text;
}

function kubernetesProblems(look: Look, member: KubeNode | undefined, findings: Findings): readonly string[] {
  const { node, view, expires } = look;
  const { cluster, members, now } = findings;
  const version = member?.status?.nodeInfo?.kubeletVersion;
  const wanted = `v${cluster.kubernetes.version}`;
  const joined = view?.kubernetes.joined === true;
  return [
    ...(view !== undefined && !joined ? ['not a member of the cluster yet'] : []),
    ...(joined && members !== undefined && member === undefined ? ['the API server does not know it'] : []),
    ...(member !== undefined && !isReady(member) ? [`not Ready: ${notReadyReason(member)}`] : []),
    ...(version !== undefined && version !== wanted ? [`runs ${version}, cluster.yaml asks for ${wanted}`] : []),
    ...(member?.spec?.unschedulable ? ['cordoned'] : []),
    ...(joined ? unitProblems(look, cluster) : []),
    ...(view?.kubernetes.controlPlane ? controlPlaneProblems(node.name, findings) : []),
    ...(expires !== undefined && Date.parse(expires) < now + EXPIRY_WARNING_MS
      ? [`certificates expire ${expires}`]
      : []),
  ];
}

function notReadyReason(node: KubeNode): string {
  const message = node.status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '';
  return message.split('\n')[0] || 'no status yet';
}

function unitProblems({ view }: Look, cluster: Cluster): readonly string[] {
  const wanted = [UNITS.containerd, UNITS.kubelet, ...(hasBalancers(cluster) ? [UNITS.balancer] : [])];
  return wanted.flatMap((name) => {
    const active = view?.units.get(name)?.active;
    if (active === 'active') return [];
    const what = name === UNITS.balancer ? `${name}, its way to the API servers,` : name;
    return [`${what} is ${active ?? 'not there'}`];
  });
}

function controlPlaneProblems(name: string, { cluster, apiServers, etcd: { etcd } }: Findings): readonly string[] {
  const server = apiServers.find((candidate) => candidate.name === name);
  return [
    ...(server !== undefined && !server.answers ? [`its API server does not answer: ${server.error}`] : []),
    ...(etcd === undefined || hasEtcdMachines(cluster) ? [] : memberProblems(name, etcd)),
  ];
}

function isHealthy(name: string, { etcd: { etcd } }: Findings): boolean {
  return etcd?.members.some((member) => member.name === name && member.healthy) === true;
}

/** What is wrong with a machine that runs only etcd. */
function etcdProblems({ node, view }: Look, { etcd: { etcd } }: Findings): readonly string[] {
  if (view === undefined) return [];
  if (!hasMember(view)) return ['not a member of etcd yet'];
  const units = [UNITS.containerd, UNITS.kubelet].flatMap((name) => {
    const active = view.units.get(name)?.active;
    return active === 'active' ? [] : [`${name} is ${active ?? 'not there'}`];
  });
  return [...units, ...(etcd === undefined ? [] : memberProblems(node.name, etcd))];
}

function memberProblems(name: string, { members }: EtcdStatus): readonly string[] {
  const own = members.find((member) => member.name === name);
  if (own === undefined) return ['etcd does not know it as a member'];
  return own.healthy ? [] : [`its etcd member is not healthy: ${own.error}`];
}

const EXPIRY_WARNING_MS = 30 * 24 * 3600_000;
