import type { StepContext } from '../../../core/step.js';
import { sh } from '../../../transport/command.js';
import type { EngineContext, HostView } from '../context.js';
import { between } from '../probes.js';
import { etcdConfig } from './etcd-config.js';
import { etcdTag } from './etcd-tag.js';

/** etcd's own CA. Every machine for etcd has it, so that any of them can hand it on. */
export interface EtcdAuthority {
  /** PEM. */
  readonly certificate: string;
  /** PEM. Secret. */
  readonly key: string;
}

/** Makes the CA on this machine, where it has none yet, and gives it. */
export async function makeAuthority(
  found: HostView,
  step: StepContext,
  context: EngineContext,
): Promise<EtcdAuthority> {
  const { node, machine } = found;
  const tag = await etcdTag(found, step, context);
  const config = etcdConfig({ cluster: context.cluster, node, address: machine.address, tag });
  await found.host.script(
    sh`set -eu
umask 077
d=/run/kubewright; mkdir -p "$d"
trap 'rm -f "$d/etcd.yaml"' EXIT
printf %s ${config} > "$d/etcd.yaml"
kubeadm init phase certs etcd-ca --config "$d/etcd.yaml"`,
    { context: step, title: "make etcd's CA", timeoutMs: 60_000, changes: true },
  );
  return readAuthority(found, step, context);
}

/** The CA of a machine that has it. */
export async function readAuthority(
  { host, node }: Pick<HostView, 'host' | 'node'>,
  step: StepContext,
  context: Pick<EngineContext, 'rememberSecret'>,
): Promise<EtcdAuthority> {
  const { stdout } = await host.script(
    sh`set -eu
cd /etc/kubernetes/pki/etcd
echo '>certificate'; cat ca.crt; echo '<certificate'
echo '>key'; cat ca.key; echo '<key'`,
    // A key is in it: neither the view nor a transcript may see it.
    { context: step, title: "read etcd's CA", timeoutMs: 30_000, show: false },
  );
  const lines = stdout.split('\n');
  const [certificate, key] = [between(lines, 'certificate'), between(lines, 'key')];
  if (certificate === undefined || key === undefined) throw new Error(`${node.name} holds no CA of etcd`);
  context.rememberSecret(key);
  return { certificate, key };
}
