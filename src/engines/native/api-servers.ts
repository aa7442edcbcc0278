import type { StepContext, StepRef } from '../../core/step.js';
import type { Machine } from '../../providers/provider.js';
import type { BalancedServer } from './balancer.js';

/** The machines of control planes by node name, those that are about to leave included. */
export type ControlPlaneMachines = ReadonlyMap<string, StepRef<Machine>>;

/**
 * The API servers that a node's load balancer shall know. A machine that could not be made is left out; one that is
 * yet to be made (under `plan`) has no address, which makes the list incomplete.
 */
export function apiServers(
  step: Pick<StepContext, 'known'>,
  machines: ControlPlaneMachines,
  port: number,
): { readonly servers: readonly BalancedServer[]; readonly complete: boolean } {
  const servers: BalancedServer[] = [];
  let complete = true;
  for (const [name, ref] of machines) {
    const machine = step.known(ref);
    if (machine.kind === 'output') servers.push({ name, address: machine.output.address, port });
    else if (machine.kind === 'unknown') complete = false;
  }
  return { servers, complete };
}

/** Those of the machines that there are by now. */
export function knownMachines(step: Pick<StepContext, 'known'>, machines: ControlPlaneMachines): readonly Machine[] {
  return [...machines.values()].flatMap((ref) => {
    const machine = step.known(ref);
    return machine.kind === 'output' ? [machine.output] : [];
  });
}
