import type { StepContext, StepRef } from '../../core/step.js';
import { hiding, secret, sh } from '../../transport/command.js';
import type { ClusterView } from './access.js';
import { type ControlPlane, firstMember } from './found-cluster.js';
import { KUBEADM_API } from './kubeadm-config.js';
import { yamlDocuments } from './node-files.js';
import { bootstrapTokenSecret, newBootstrapToken, newCertificateKey } from './token.js';

/** What a node shows when it joins. Secret, and valid for an hour or two. */
export interface JoinCredentials {
  readonly token: string;
  /** For control planes only. */
  readonly certificateKey: string | undefined;
}

/** Gives what joins need: of this run's init, or made when the first join asks, once a run. */
export interface JoinDesk {
  token(step: StepContext): Promise<string>;
  certificateKey(step: StepContext): Promise<string>;
}

/** The desk of one run. What it gives out is made once, when the first join asks for it. */
export function joinDesk(
  controlPlane: StepRef<ControlPlane>,
  access: StepRef<ClusterView>,
  kubernetesVersion: string,
): JoinDesk {
  const token = once(async (step) => {
    const made = newBootstrapToken();
    const { client } = step.output(access);
    await client.create('/api/v1/namespaces/kube-system/secrets', bootstrapTokenSecret(made, new Date()), step.signal);
    return made;
  });
  const certificateKey = once(async (step) => {
    const key = newCertificateKey();
    await firstMember(step.output(controlPlane)).host.script(
      hiding(
        sh`umask 077; d=/run/kubewright; mkdir -p "$d"; trap 'rm -f "$d/upload.yaml"' EXIT
printf %s ${secret(uploadConfig(key, kubernetesVersion))} > "$d/upload.yaml"
kubeadm init phase upload-certs --upload-certs --config "$d/upload.yaml" >/dev/null`,
        [key],
      ),
      { context: step, title: 'offer the shared certificates', timeoutMs: 60_000, changes: true },
    );
    return key;
  });
  return {
    token: async (step) => step.output(controlPlane).joining?.token ?? token(step),
    certificateKey: async (step) => step.output(controlPlane).joining?.certificateKey ?? certificateKey(step),
  };
}

/** By a file, since an argument would stand in the process list; with the version, or kubeadm asks the internet for one. */
function uploadConfig(certificateKey: string, version: string): string {
  return yamlDocuments([
    { apiVersion: KUBEADM_API, kind: 'InitConfiguration', certificateKey },
    { apiVersion: KUBEADM_API, kind: 'ClusterConfiguration', kubernetesVersion: `v${version}` },
  ]);
}

function once<T>(make: (step: StepContext) => Promise<T>): (step: StepContext) => Promise<T> {
  let made: Promise<T> | undefined;
  return (step) => {
    made ??= make(step).catch((error: unknown) => {
      // The next join may try again.
      made = undefined;
      throw error;
    });
    return made;
  };
}
