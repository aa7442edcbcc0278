import type { StepContext, StepRef } from '../../../core/step.js';
import type { Machine } from '../../../providers/provider.js';

/** A machine for etcd that API servers shall know. */
export interface EtcdMachine {
  readonly machine: StepRef<Machine>;
  /** The id of the step that makes it a member; absent where another will come in its place. */
  readonly join?: string | undefined;
}

/**
 * Where API servers find etcd: its members on the machines that are there. One that could not join is left out, unless
 * it is among `known`: a member that does not answer today is one all the same. `complete`: whether every address is
 * known, which under `plan` that of a machine yet to be made is not.
 */
export function etcdServers(
  step: Pick<StepContext, 'known'>,
  machines: readonly EtcdMachine[],
  known: readonly string[] = [],
): { readonly urls: readonly string[]; readonly complete: boolean } {
  const urls: string[] = [];
  let complete = true;
  for (const { machine: ref, join } of machines) {
    const machine = step.known(ref);
    if (machine.kind === 'unknown') complete = false;
    if (machine.kind !== 'output') continue;
    const url = clientUrl(machine.output);
    const joined = join !== undefined && step.known({ id: join }).kind !== 'failed';
    if (joined || known.includes(url)) urls.push(url);
  }
  return { urls, complete };
}

/** "https://10.0.1.31:2379". */
function clientUrl({ address }: Pick<Machine, 'address'>): string {
  return `https://${address}:2379`;
}

/** "https://10.0.1.31:2380". */
export function peerUrl({ address }: Pick<Machine, 'address'>): string {
  return `https://${address}:2380`;
}
