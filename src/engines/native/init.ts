import type { Change, ChangeStep, StepContext, StepRef } from '../../core/step.js';
import type { NodeSpec } from '../../model/cluster.js';
import { hiding, secret, sh } from '../../transport/command.js';
import { type EngineContext, type HostView, nodeStep } from './context.js';
import { type LookedAt, reached } from './facts-step.js';
import type { JoinCredentials } from './join-credentials.js';
import { initConfig } from './kubeadm-config.js';
import { ignoredPreflight } from './kubeadm-preflight.js';
import { kubernetesProbe } from './probes.js';
import { newBootstrapToken, newCertificateKey } from './token.js';

/** What a control plane gives to everybody who wants to talk to the cluster. Secret. */
export interface ControlPlane {
  /** The text of kubeadm's admin.conf. */
  readonly adminConf: string;
  /** The cluster's CA certificate, PEM. */
  readonly ca: string;
  /** What nodes join with; only after an init in this run. */
  readonly joining: JoinCredentials | undefined;
}

/**
 * `kubeadm init`, up to the moment where nodes can join: what does not hold them up (certificate rotation,
 * add-ons, the network) is done beside the joins by the addons step.
 */
export function initStep(node: NodeSpec, view: StepRef<LookedAt>, context: EngineContext): ChangeStep<ControlPlane> {
  return {
    kind: 'change',
    id: nodeStep(node, 'init'),
    title: 'start the control plane (kubeadm init)',
    phase: 'control plane',
    host: node.name,
    needs: [view.id, nodeStep(node, 'prepare')],
    timeoutMs: 8 * 60_000,
    check(step) {
      const { kubernetes } = reached(step.output(view));
      const { adminConf, ca } = kubernetes;
      if (kubernetes.controlPlane && kubernetes.unfinished !== 'init' && adminConf !== undefined && ca !== undefined) {
        return { kind: 'current', output: { adminConf, ca, joining: undefined } };
      }
      const change: Change = {
        action: 'run',
        what: 'kubeadm init',
        why: kubernetes.unfinished === 'init' ? 'begun before, not ended' : 'no control plane here yet',
      };
      return { kind: 'drifted', changes: [change] };
    },
    async apply(step) {
      const found = reached(step.output(view));
      const several = context.cluster.nodes.filter(({ roles }) => roles.includes('control-plane')).length > 1;
      const joining = { token: newBootstrapToken(), certificateKey: several ? newCertificateKey() : undefined };
      for (const value of [joining.token, joining.certificateKey])
        if (value !== undefined) context.rememberSecret(value);
      await runInit(found, joining, step, context);
      const made = await readControlPlane(found, step);
      context.rememberSecret(made.adminConf);
      return { ...made, joining };
    },
  };
}

async function runInit(
  found: HostView,
  joining: JoinCredentials,
  step: StepContext,
  context: EngineContext,
): Promise<void> {
  const { cluster } = context;
  const payload = await context.payload(found.facts.arch, step.signal);
  const tagOf = (name: string) => {
    const ref = payload.images.find((image) => image.name === name)?.ref ?? '';
    return ref.slice(ref.lastIndexOf(':') + 1);
  };
  const config = initConfig({
    cluster,
    node: found.node,
    address: found.machine.address,
    traits: found.traits,
    ...joining,
    certificateNames: certificateNames(found, context),
    tags: { coredns: tagOf('coredns'), etcd: tagOf('etcd') },
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
kubeadm init --config "$d/init.yaml" ${joining.certificateKey === undefined ? [] : ['--upload-certs']} --skip-phases=kubelet-finalize,addon,show-join-command
rm -f /var/lib/kubewright/init-begun`,
      secrets,
    ),
    { context: step, title: 'kubeadm init', timeoutMs: 7 * 60_000 },
  );
}

/** Every name and address by which somebody may come to this API server. */
function certificateNames(found: HostView, context: EngineContext): readonly string[] {
  const { machine } = found;
  const names = [
    machine.address,
    machine.ssh.address,
    ...(machine.api === undefined ? [] : [machine.api.host]),
    'localhost',
    '127.0.0.1',
    ...context.cluster.api.extraNames,
  ];
  return [...new Set(names)];
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
