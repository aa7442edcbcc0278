import type { StepContext } from '../../core/step.js';
import type { EngineContext, HostView } from './context.js';
import { initConfig } from './kubeadm-config.js';
import { imageTags } from './prepare.js';

/**
 * The configuration that init had, for single phases of `kubeadm init` on a cluster that runs. A token is of no use
 * to them, so its is an unused one.
 */
export async function addonConfig(
  found: HostView,
  step: Pick<StepContext, 'signal'>,
  context: EngineContext,
  certificateNames: readonly string[],
): Promise<string> {
  const payload = await context.payload(found.facts.arch, step.signal);
  return initConfig({
    cluster: context.cluster,
    node: found.node,
    address: found.machine.address,
    traits: found.traits,
    token: 'unused.unusedunusedunus',
    certificateNames,
    tags: imageTags(payload),
    ignoredPreflight: [],
  });
}
