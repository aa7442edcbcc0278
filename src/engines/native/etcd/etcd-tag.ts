import type { StepContext } from '../../../core/step.js';
import type { EngineContext, HostView } from '../context.js';
import { imageRef } from '../prepare.js';

/** The tag of etcd's image in the payload of a host: kubeadm's default may be another. */
export async function etcdTag(found: HostView, step: StepContext, context: EngineContext): Promise<string> {
  const payload = await context.payload(found.facts.arch, step.signal);
  const ref = imageRef(payload, 'etcd');
  return ref.slice(ref.lastIndexOf(':') + 1);
}
