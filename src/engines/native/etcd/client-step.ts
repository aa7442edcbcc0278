import { X509Certificate } from 'node:crypto';
import { KubewrightError } from '../../../core/errors.js';
import type { ChangeStep, StepContext, StepRef } from '../../../core/step.js';
import { secret, sh } from '../../../transport/command.js';
import { type EngineContext, type HostView, nodeStep } from '../context.js';
import { askEtcd } from '../etcd-members.js';
import { reached } from '../facts-step.js';
import type { ControlPlaneHost } from '../found-cluster.js';
import { between } from '../probes.js';
import type { EtcdCluster } from './etcd-cluster.js';
import { etcdConfig } from './etcd-config.js';
import { etcdTag } from './etcd-tag.js';

/**
 * Gives a control plane what its API server needs to talk to etcd: the CA's certificate, and one of its own with its
 * key, which a machine for etcd makes. Anew a month before it expires; the API server reads it at each connection.
 */
export function etcdClientStep(
  { node, view }: ControlPlaneHost,
  begin: StepRef<EtcdCluster>,
  context: EngineContext,
): ChangeStep {
  return {
    kind: 'change',
    id: nodeStep(node, 'etcd-client'),
    title: 'bring the certificate for etcd',
    phase: 'etcd',
    host: node.name,
    needs: [view.id, nodeStep(node, 'prepare'), begin.id],
    timeoutMs: 2 * 60_000,
    check(step) {
      const found = reached(step.output(view));
      const etcd = step.known(begin);
      const ca = etcd.kind === 'output' ? etcd.output.ca : undefined;
      const why = whyNew(found, ca, new Date());
      if (why === undefined) return { kind: 'current', output: undefined };
      return { kind: 'drifted', changes: [{ action: 'create', what: CERTIFICATE, why }] };
    },
    async apply(step) {
      const etcd = step.output(begin);
      const { certificate, key } = await makeClientCertificate(etcd, step, context);
      await reached(step.output(view)).host.script(
        sh`set -eu
umask 077
pki=/etc/kubernetes/pki
mkdir -p "$pki/etcd"
put() { printf %s "$2" > "$pki/$1.kubewright"; mv -f "$pki/$1.kubewright" "$pki/$1"; }
put etcd/ca.crt ${etcd.ca}
put apiserver-etcd-client.key ${secret(key)}
put apiserver-etcd-client.crt ${certificate}`,
        { context: step, title: 'bring the certificate for etcd', timeoutMs: 60_000, changes: true },
      );
    },
  };
}

/** Why the host needs a new certificate; undefined where the one that it has will do. `ca` is undefined where etcd is yet to begin. */
function whyNew({ etcd }: HostView, ca: string | undefined, now: Date): string | undefined {
  if (etcd.clientCertificate === undefined || etcd.ca === undefined || ca === undefined) return 'missing';
  const certificate = new X509Certificate(etcd.clientCertificate);
  const signed = certificate.verify(new X509Certificate(ca).publicKey);
  if (!signed || etcd.ca.trim() !== ca.trim()) return "of another CA than etcd's";
  const expires = Date.parse(certificate.validTo);
  return expires - now.getTime() > RENEWAL_MS ? undefined : `expires ${new Date(expires).toISOString()}`;
}

async function makeClientCertificate(
  etcd: EtcdCluster,
  step: StepContext,
  context: EngineContext,
): Promise<{ readonly certificate: string; readonly key: string }> {
  const { speaker } = await askEtcd(etcd.members, step);
  const config = etcdConfig({
    cluster: context.cluster,
    node: speaker.node,
    address: speaker.machine.address,
    tag: await etcdTag(speaker, step, context),
    certificatesDir: FOLDER,
  });
  const { stdout } = await speaker.host.script(
    sh`set -eu
umask 077
d=$(mktemp -d); trap 'rm -rf "$d"' EXIT
mkdir -p "$d/pki/etcd"
cp /etc/kubernetes/pki/etcd/ca.crt /etc/kubernetes/pki/etcd/ca.key "$d/pki/etcd/"
printf %s ${config} | sed "s|${FOLDER}|$d/pki|" > "$d/etcd.yaml"
kubeadm init phase certs apiserver-etcd-client --config "$d/etcd.yaml" >&2
echo '>certificate'; cat "$d/pki/apiserver-etcd-client.crt"; echo '<certificate'
echo '>key'; cat "$d/pki/apiserver-etcd-client.key"; echo '<key'`,
    // A key is in it: neither the view nor a transcript may see it.
    { context: step, title: 'make a certificate for an API server', timeoutMs: 60_000, show: false },
  );
  const lines = stdout.split('\n');
  const [certificate, key] = [between(lines, 'certificate'), between(lines, 'key')];
  if (certificate === undefined || key === undefined) {
    throw new KubewrightError('internal', 'kubeadm ended well but made no certificate for the API server');
  }
  context.rememberSecret(key);
  return { certificate, key };
}

/** Stands for a folder of its own, since several control planes may ask at once. */
const FOLDER = '/kubewright-certificates';
const CERTIFICATE = '/etc/kubernetes/pki/apiserver-etcd-client.crt';
const RENEWAL_MS = 30 * 24 * 3600_000;
