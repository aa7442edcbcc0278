import type { Cluster } from '../../../model/cluster.js';
import type { HostView } from '../context.js';
import { hasEtcdMachines, isEtcdMachine } from '../endpoint.js';
import { PATHS } from '../node-files.js';
import type { Problem } from '../preflight-rules.js';

/** What `up` cannot change about where etcd is, and machines whose etcd is that of another cluster. Pure. */
export function etcdProblems(views: readonly HostView[], cluster: Pick<Cluster, 'nodes'>): readonly Problem[] {
  return [...views.flatMap((view) => placeProblems(view, hasEtcdMachines(cluster))), ...strangers(views)];
}

function placeProblems({ node, kubernetes, etcd, configuration }: HostView, external: boolean): readonly Problem[] {
  const host = node.name;
  if (isEtcdMachine(node)) {
    if (!kubernetes.joined) return [];
    const text = 'it is a Kubernetes node, and cluster.yaml asks for a machine that runs only etcd';
    return [{ host, text, fix: `\`kubewright node replace ${host}\` takes it out of the cluster first.` }];
  }
  if (etcd.member && configuration.has(PATHS.standaloneKubelet)) {
    const text = 'it runs etcd for a cluster, and cluster.yaml asks for a Kubernetes node';
    return [{ host, text, fix: `\`kubewright node replace ${host}\` takes it out of etcd first.` }];
  }
  if (!runsControlPlane({ kubernetes }) || etcd.servers === undefined) return [];
  const local = etcd.servers.includes('//127.0.0.1:');
  if (local !== external) return [];
  const text = external
    ? 'its cluster has etcd on the control planes, and cluster.yaml asks for machines of their own'
    : 'its cluster has etcd on machines of their own, and cluster.yaml names none';
  return [{ host, text, fix: 'Leave the pool of etcd as it was: etcd cannot be moved between the two.' }];
}

/** Machines that hold another CA of etcd than the rest: members of another cluster, or its control planes. */
function strangers(views: readonly HostView[]): readonly Problem[] {
  const holders = views.filter(
    (view) =>
      view.etcd.ca !== undefined &&
      (isEtcdMachine(view.node) ? view.etcd.member && view.etcd.begun === undefined : isClient(view)),
  );
  const reference = holders.find((view) => !isEtcdMachine(view.node)) ?? holders[0];
  return holders
    .filter(({ etcd }) => etcd.ca?.trim() !== reference?.etcd.ca?.trim())
    .map(({ node }) => ({
      host: node.name,
      text: `its etcd is that of another cluster than ${reference?.node.name}'s`,
      fix: 'Take it out of that cluster first (`kubeadm reset` on the host removes it), or choose another host.',
    }));
}

/** A control plane whose etcd is elsewhere. */
function isClient(view: HostView): boolean {
  return runsControlPlane(view) && !view.etcd.member;
}

function runsControlPlane({ kubernetes }: Pick<HostView, 'kubernetes'>): boolean {
  return kubernetes.controlPlane && kubernetes.unfinished === undefined;
}
