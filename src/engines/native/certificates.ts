import { X509Certificate } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { Change, ChangeStep, StepRef } from '../../core/step.js';
import type { Cluster, NodeSpec } from '../../model/cluster.js';
import { secret, sh } from '../../transport/command.js';
import type { ClusterView } from './access.js';
import { addonConfig } from './addon-config.js';
import { type ControlPlaneMachines, knownMachines } from './api-servers.js';
import { certificateNames } from './certificate-names.js';
import { ensureCertificateNames } from './cluster-configuration.js';
import { type EngineContext, nodeStep } from './context.js';
import { type LookedAt, reached } from './facts-step.js';
import type { KubernetesState } from './probes.js';

/**
 * Has the certificate of an API server that runs already carry names that were added to cluster.yaml since. The
 * server takes the new one up by itself, without a restart. Source: kube-apiserver reloads --tls-cert-file on change.
 */
export function certificateStep(
  node: NodeSpec,
  view: StepRef<LookedAt>,
  source: { readonly access: StepRef<ClusterView>; readonly machines: ControlPlaneMachines },
  context: EngineContext,
): ChangeStep {
  const { cluster } = context;
  return {
    kind: 'change',
    id: nodeStep(node, 'certificates'),
    title: "have the API server's certificate carry every name",
    phase: 'control plane',
    host: node.name,
    needs: [view.id, nodeStep(node, 'join'), source.access.id],
    after: [...source.machines.values()].map(({ id }) => id),
    timeoutMs: 2 * 60_000,
    check(step) {
      const changes = certificateChanges(reached(step.output(view)).kubernetes, cluster);
      return changes.length === 0 ? { kind: 'current', output: undefined } : { kind: 'drifted', changes };
    },
    async apply(step) {
      const found = reached(step.output(view));
      const machines = knownMachines(step, source.machines);
      await ensureCertificateNames(step.output(source.access).client, cluster, machines, step.signal);
      const config = inFolder(await addonConfig(found, step, context, certificateNames(cluster, machines)));
      await found.host.script(
        sh`set -eu
umask 077
d=/run/kubewright; mkdir -p "$d"
trap 'rm -rf "$d/certificates.yaml" "$d/pki"' EXIT
printf %s ${secret(config)} > "$d/certificates.yaml"
# Beside the old one, which serves until the new one is whole.
rm -rf "$d/pki"; mkdir "$d/pki"; cp /etc/kubernetes/pki/ca.crt /etc/kubernetes/pki/ca.key "$d/pki/"
kubeadm init phase certs apiserver --config "$d/certificates.yaml"
for part in key crt; do
  cp "$d/pki/apiserver.$part" "/etc/kubernetes/pki/.apiserver.$part.new"
  mv -f "/etc/kubernetes/pki/.apiserver.$part.new" "/etc/kubernetes/pki/apiserver.$part"
done
chmod 0644 /etc/kubernetes/pki/apiserver.crt`,
        { context: step, title: "make the API server's certificate anew", timeoutMs: 60_000, changes: true },
      );
    },
  };
}

/** What the certificate of an API server lacks as it was found. One that is yet to be made will have all names. */
export function certificateChanges(kubernetes: KubernetesState, { api }: Pick<Cluster, 'api'>): readonly Change[] {
  const certificate = kubernetes.unfinished === undefined ? kubernetes.certificate : undefined;
  if (certificate === undefined) return [];
  const known = namesIn(certificate);
  const missing = api.extraNames.filter((name) => !known.has(normal(name)));
  if (missing.length === 0) return [];
  return [{ action: 'update', what: '/etc/kubernetes/pki/apiserver.crt', why: `lacks ${missing.join(', ')}` }];
}

/** kubeadm takes the folder from its configuration or from a flag, never both. */
function inFolder(config: string): string {
  const kind = 'kind: ClusterConfiguration\n';
  return config.replace(kind, `${kind}certificatesDir: /run/kubewright/pki\n`);
}

/** The DNS names and addresses that a certificate is for, each in the one form that can be compared. */
export function namesIn(pem: string): ReadonlySet<string> {
  const names = new X509Certificate(pem).subjectAltName ?? '';
  return new Set(names.split(', ').map((name) => normal(name.replace(/^(?:DNS|IP Address):/, ''))));
}

function normal(name: string): string {
  return ipaddr.isValid(name) ? ipaddr.parse(name).toNormalizedString() : name.toLowerCase();
}
