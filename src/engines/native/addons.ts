import { createHash } from 'node:crypto';
import type { Payload } from '../../artifacts/payload.js';
import type { Change, ChangeStep, StepContext, StepRef } from '../../core/step.js';
import type { KubeClient } from '../../kube/client.js';
import type { KubeDaemonSet, KubeDeployment } from '../../kube/objects.js';
import type { Cluster, NodeSpec } from '../../model/cluster.js';
import { sh } from '../../transport/command.js';
import type { ClusterView } from './access.js';
import { addonConfig } from './addon-config.js';
import { type EngineContext, type HostView, nodeStep } from './context.js';
import { controlPlaneEndpoint } from './endpoint.js';
import { FLANNEL, flannelObjects } from './flannel.js';
import { type ControlPlane, firstMember } from './found-cluster.js';
import { yamlDocuments } from './node-files.js';
import { imageRef } from './prepare.js';

/**
 * What a cluster needs after its first `kubeadm init` and what no join waits for: the kubelet's own certificate
 * rotation, kube-proxy, CoreDNS (all three kubeadm's own phases) and the pod network.
 */
export function addonsStep(
  node: NodeSpec,
  controlPlane: StepRef<ControlPlane>,
  access: StepRef<ClusterView>,
  context: EngineContext,
): ChangeStep {
  return {
    kind: 'change',
    id: nodeStep(node, 'addons'),
    title: 'install the network, kube-proxy and CoreDNS',
    phase: 'add-ons',
    host: node.name,
    needs: [controlPlane.id, access.id],
    timeoutMs: 5 * 60_000,
    async check(step) {
      const { client } = step.output(access);
      const found = firstMember(step.output(controlPlane));
      const payload = await context.payload(found.facts.arch, step.signal);
      const changes = await addonChanges({ client, found, payload, cluster: context.cluster }, step.signal);
      return changes.length === 0 ? { kind: 'current', output: undefined } : { kind: 'drifted', changes };
    },
    async apply(step, changes) {
      const found = firstMember(step.output(controlPlane));
      const manifest = await networkManifest(found, step, context);
      const objects = [...manifest.objects.slice(0, -1), annotated(manifest)];
      const asked = new Set(changes.map(({ what }) => what));
      const phase = (what: string, command: ReturnType<typeof sh>) => (asked.has(what) ? command : sh`:`);
      await found.host.script(
        sh`set -eu
umask 077
d=/run/kubewright; mkdir -p "$d"
# kubectl would keep what it finds out in the home folder of root.
export KUBECONFIG=/etc/kubernetes/admin.conf KUBECACHEDIR="$d/kubectl"
trap 'rm -f "$d/addons.yaml"' EXIT
printf %s ${await addonConfig(found, step, context, [])} > "$d/addons.yaml"
# First, since it restarts the kubelet that is to start all that follows.
grep -q kubelet-client-current.pem /etc/kubernetes/kubelet.conf || kubeadm init phase kubelet-finalize all --config "$d/addons.yaml"
printf %s ${yamlDocuments(objects)} | kubectl apply --server-side --force-conflicts --field-manager=kubewright -f -
${phase('kube-proxy', sh`kubeadm init phase addon kube-proxy --config "$d/addons.yaml"`)}
${phase('CoreDNS', DNS_AFTER_NETWORK)}`,
        { context: step, title: 'install add-ons', timeoutMs: 4 * 60_000, changes: true },
      );
    },
  };
}

/** What of the add-ons is missing in a cluster or differs, as its API and one of its control planes tell. */
export async function addonChanges(
  at: {
    readonly client: Pick<KubeClient, 'get'>;
    readonly found: HostView;
    readonly payload: Payload;
    readonly cluster: Cluster;
  },
  signal: AbortSignal,
): Promise<readonly Change[]> {
  const { client, found, payload, cluster } = at;
  const manifest = manifestOf(payload, cluster);
  const [flannel, proxy, dns] = await Promise.all([
    client.get<KubeDaemonSet>(`${APPS}/${FLANNEL.namespace}/daemonsets/${FLANNEL.daemonSet}`, signal),
    client.get<KubeDaemonSet>(`${APPS}/kube-system/daemonsets/kube-proxy`, signal),
    client.get<KubeDeployment>(`${APPS}/kube-system/deployments/coredns`, signal),
  ]);
  const changes: Change[] = [];
  const missing = (what: string) => changes.push({ action: 'create', what, why: 'not in the cluster' });
  if (proxy === undefined) missing('kube-proxy');
  if (dns === undefined) missing('CoreDNS');
  if (flannel === undefined) missing('flannel');
  else if (flannel.metadata.annotations?.[HASH] !== hashOf(manifest)) {
    changes.push({ action: 'update', what: 'flannel', why: 'its manifest differs' });
  }
  if (!found.kubernetes.rotating && found.kubernetes.controlPlane) {
    changes.push({ action: 'update', what: '/etc/kubernetes/kubelet.conf', why: 'its certificate is not renewed' });
  }
  return changes;
}

interface Manifest {
  readonly objects: readonly object[];
}

async function networkManifest(found: HostView, step: StepContext, context: EngineContext): Promise<Manifest> {
  return manifestOf(await context.payload(found.facts.arch, step.signal), context.cluster);
}

function manifestOf(payload: Payload, cluster: Cluster): Manifest {
  const image = imageRef(payload, 'flannel');
  return { objects: flannelObjects(cluster.network.podCidr, image, controlPlaneEndpoint(cluster)) };
}

/** The DaemonSet, last of the objects, carries the hash of them all: one read tells whether they differ. */
function annotated(manifest: Manifest): object {
  const last = manifest.objects.at(-1) as { metadata: object };
  return { ...last, metadata: { ...last.metadata, annotations: { [HASH]: hashOf(manifest) } } };
}

function hashOf(manifest: Manifest): string {
  return createHash('sha256').update(JSON.stringify(manifest.objects)).digest('hex');
}

/** A pod that is started before flannel has given its node a subnet fails, and is tried again only after some 15 s. */
const DNS_AFTER_NETWORK = sh`echo 'waiting for the pod network on this host'
tries=0; until [ -s /run/flannel/subnet.env ] || [ "$tries" -ge 300 ]; do tries=$((tries + 1)); sleep 0.2; done
kubeadm init phase addon coredns --config "$d/addons.yaml"`;

const APPS = '/apis/apps/v1/namespaces';
const HASH = 'kubewright.dev/manifest';
