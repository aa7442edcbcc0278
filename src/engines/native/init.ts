import type { Change, ChangeStep, StepContext, StepRef } from '../../core/step.js';
import type { Machine } from '../../providers/provider.js';
import { hiding, secret, sh } from '../../transport/command.js';
import { type ControlPlaneMachines, knownMachines } from './api-servers.js';
import { certificateNames } from './certificate-names.js';
import { type EngineContext, type HostView, nodeStep } from './context.js';
import { hasVirtualIp, isControlPlane } from './endpoint.js';
import type { EtcdGraph } from './etcd/etcd-graph.js';
import { etcdServers } from './etcd/etcd-servers.js';
import { reached } from './facts-step.js';
import { type ControlPlane, type ControlPlaneHost, findCluster } from './found-cluster.js';
import type { JoinCredentials } from './join-credentials.js';
import { initConfig } from './kubeadm-config.js';
import { ignoredPreflight } from './kubeadm-preflight.js';
import { imageTags } from './prepare.js';
import { kubernetesProbe } from './probes.js';
import { newBootstrapToken, newCertificateKey } from './token.js';
import { awaitVirtualIp } from './virtual-ip/step.js';

/**
 * Finds the cluster on any of its control planes, or begins it on the first with `kubeadm init`, up to the moment
 * where nodes can join: what does not hold them up (certificate rotation, add-ons, the network) is done beside the
 * joins by the addons step.
 */
export function initStep(
  founder: ControlPlaneHost,
  hosts: readonly ControlPlaneHost[],
  machines: ControlPlaneMachines,
  preflight: StepRef<unknown>,
  context: EngineContext,
  etcd?: EtcdGraph | undefined,
): ChangeStep<ControlPlane> {
  const { node, view } = founder;
  // Fails as these failed, where it has to begin the cluster.
  const ready = [
    'prepare' as const,
    ...(etcd === undefined ? [] : ['etcd-client' as const]),
    ...(hasVirtualIp(context.cluster) ? ['virtual-ip' as const] : []),
  ];
  const before = ready.map((name) => ({ id: nodeStep(node, name) }));
  return {
    kind: 'change',
    id: nodeStep(node, 'init'),
    title: 'start the control plane (kubeadm init)',
    phase: 'control plane',
    host: node.name,
    needs: [preflight.id, ...(etcd === undefined ? [] : [etcd.begin.id])],
    after: [
      ...hosts.map((host) => host.view.id),
      ...[...machines.values()].map(({ id }) => id),
      view.id,
      ...before.map(({ id }) => id),
      ...(etcd === undefined ? [] : etcd.known),
    ],
    timeoutMs: 8 * 60_000,
    async check(step) {
      const found = findCluster(step, hosts);
      if (found !== undefined) return { kind: 'current', output: found };
      const { kubernetes } = reached(step.output(view));
      if (etcd !== undefined && kubernetes.unfinished === undefined) await etcd.assertEmpty(step);
      const change: Change = {
        action: 'run',
        what: 'kubeadm init',
        why: kubernetes.unfinished === 'init' ? 'begun before, not ended' : 'no control plane here yet',
      };
      return { kind: 'drifted', changes: [change] };
    },
    async apply(step) {
      for (const ref of before) step.output(ref);
      const found = reached(step.output(view));
      const several = context.cluster.nodes.filter(isControlPlane).length > 1;
      const joining = { token: newBootstrapToken(), certificateKey: several ? newCertificateKey() : undefined };
      for (const value of [joining.token, joining.certificateKey])
        if (value !== undefined) context.rememberSecret(value);
      const known = knownMachines(step, machines);
      const endpoints = etcd === undefined ? undefined : etcdServers(step, etcd.machines).urls;
      await runInit(found, { joining, machines: known, etcdEndpoints: endpoints }, step, context);
      const made = await readControlPlane(found, step);
      context.rememberSecret(made.adminConf);
      return { ...made, joining, members: [found] };
    },
  };
}

async function runInit(
  found: HostView,
  input: {
    readonly joining: JoinCredentials;
    readonly machines: readonly Machine[];
    readonly etcdEndpoints: readonly string[] | undefined;
  },
  step: StepContext,
  context: EngineContext,
): Promise<void> {
  const { cluster } = context;
  const { joining } = input;
  const payload = await context.payload(found.facts.arch, step.signal);
  const config = initConfig({
    cluster,
    node: found.node,
    address: found.machine.address,
    traits: found.traits,
    ...joining,
    certificateNames: certificateNames(cluster, [found.machine, ...input.machines]),
    tags: imageTags(payload),
    etcdEndpoints: input.etcdEndpoints,
    ignoredPreflight: ignoredPreflight(found),
  });
  // kubeadm prints both by itself.
  const secrets = [joining.token, joining.certificateKey];
  await found.host.script(
    hiding(
      sh`set -eu
umask 077
d=/run/kubewright; mkdir -p "$d" /var/lib/kubewright
trap 'rm -f "$d/init.yaml"' EXIT
printf %s ${secret(config)} > "$d/init.yaml"
: > /var/lib/kubewright/init-begun
${awaitVirtualIp(cluster)}
kubeadm init --config "$d/init.yaml" ${joining.certificateKey === undefined ? [] : ['--upload-certs']} --skip-phases=kubelet-finalize,addon,show-join-command
rm -f /var/lib/kubewright/init-begun`,
      secrets,
    ),
    { context: step, title: 'kubeadm init', timeoutMs: 7 * 60_000, changes: true },
  );
}

async function readControlPlane(found: HostView, step: StepContext): Promise<{ adminConf: string; ca: string }> {
  const { stdout } = await found.host.script(kubernetesProbe.script, {
    context: step,
    title: "read the cluster's credentials",
    timeoutMs: 30_000,
    // Keys are in it: neither the view nor a transcript may see them.
    show: false,
  });
  const { adminConf, ca } = kubernetesProbe.parse(stdout);
  if (adminConf === undefined || ca === undefined) throw new Error('kubeadm init ended well but left no admin.conf');
  return { adminConf, ca };
}
