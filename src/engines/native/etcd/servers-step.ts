import type { ChangeStep, StepRef } from '../../../core/step.js';
import { sh } from '../../../transport/command.js';
import type { ClusterView } from '../access.js';
import { clusterConfiguration } from '../cluster-configuration.js';
import { type EngineContext, nodeStep } from '../context.js';
import { apiServerUrl } from '../endpoint.js';
import { reached } from '../facts-step.js';
import type { ControlPlaneHost } from '../found-cluster.js';
import { KUBEADM_API } from '../kubeadm-config.js';
import { yamlDocuments } from '../node-files.js';

/**
 * Tells the API server of a control plane where etcd is now: kubeadm writes its static pod anew, out of the
 * configuration that the cluster itself has. One at a time, each waited for, so that the API goes on answering.
 */
export function etcdServersStep(
  { node, view }: ControlPlaneHost,
  access: StepRef<ClusterView>,
  endpoints: StepRef<readonly string[]>,
  context: EngineContext,
): ChangeStep {
  return {
    kind: 'change',
    id: nodeStep(node, 'etcd-servers'),
    title: 'tell the API server where etcd is',
    phase: 'etcd',
    host: node.name,
    needs: [view.id, access.id, endpoints.id],
    after: [nodeStep(node, 'join')],
    limits: ['membership'],
    timeoutMs: 5 * 60_000,
    check(step) {
      const { kubernetes, etcd } = reached(step.output(view));
      // One that joined in this run went by what the cluster knows.
      if (!kubernetes.controlPlane || kubernetes.unfinished !== undefined)
        return { kind: 'current', output: undefined };
      const wanted = step.known(endpoints);
      if (wanted.kind === 'output' && sorted(etcd.servers?.split(',')) === sorted(wanted.output)) {
        return { kind: 'current', output: undefined };
      }
      const what = '/etc/kubernetes/manifests/kube-apiserver.yaml';
      return {
        kind: 'drifted',
        changes: [{ action: 'update', what, why: `its etcd is ${etcd.servers}`, disruptive: true }],
      };
    },
    async apply(step) {
      const { host, machine } = reached(step.output(view));
      const text = await clusterConfiguration(step.output(access).client, step.signal);
      const { port } = context.cluster.api;
      const local = {
        apiVersion: KUBEADM_API,
        kind: 'InitConfiguration',
        localAPIEndpoint: { advertiseAddress: machine.address, bindPort: port },
        nodeRegistration: { name: node.name, criSocket: 'unix:///run/containerd/containerd.sock' },
      };
      await host.script(
        sh`set -eu
umask 077
d=/run/kubewright; mkdir -p "$d"
trap 'rm -f "$d/servers.yaml"' EXIT
printf %s ${`${yamlDocuments([local])}---\n${text}`} > "$d/servers.yaml"
kubeadm init phase control-plane apiserver --config "$d/servers.yaml"
runs() {
  for process in /proc/[0-9]*; do
    [ "$(cat "$process/comm" 2>/dev/null)" = kube-apiserver ] || continue
    # Of all that it was told, only this must be new.
    tr '\0' '\n' < "$process/cmdline" | grep -Fqx -- ${`--etcd-servers=${step.output(endpoints).join(',')}`} && return 0
  done
  return 1
}
end=$(($(date +%s) + 180))
until runs && kubectl --kubeconfig /etc/kubernetes/admin.conf --server ${apiServerUrl(machine.address, port)} --request-timeout 3s get --raw /readyz >/dev/null 2>&1; do
  [ "$(date +%s)" -lt "$end" ] || { echo 'the API server was not ready again within 180 s' >&2; exit 1; }
  sleep 0.3
done`,
        { context: step, title: 'restart the API server', timeoutMs: 4 * 60_000, changes: true },
      );
    },
  };
}

function sorted(urls: readonly string[] = []): string {
  return [...urls].sort().join();
}
