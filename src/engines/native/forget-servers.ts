import type { ChangeStep, StepContext, StepRef } from '../../core/step.js';
import type { NodeSpec } from '../../model/cluster.js';
import { sh } from '../../transport/command.js';
import { apiServers, type ControlPlaneMachines } from './api-servers.js';
import { balancerConfig } from './balancer.js';
import { type EngineContext, nodeStep } from './context.js';
import { hasBalancers } from './endpoint.js';
import { type LookedAt, reached } from './facts-step.js';
import { PATHS } from './node-files.js';

/** Takes the control planes that have left out of a node's load balancer: nothing refers to them any more. */
export function forgetServersStep(
  node: NodeSpec,
  view: StepRef<LookedAt>,
  servers: { readonly staying: ControlPlaneMachines; readonly leaving: ControlPlaneMachines },
  context: EngineContext,
): ChangeStep {
  const leaves = [...servers.leaving].map(([name, machine]) => ({ name, machine, leave: `${name}/leave` }));
  const gone = (step: StepContext) => leaves.filter(({ leave }) => step.known({ id: leave }).kind !== 'failed');
  return {
    kind: 'change',
    id: nodeStep(node, 'api-servers'),
    title: 'forget the API servers that have left',
    phase: 'leave',
    host: node.name,
    needs: [view.id, nodeStep(node, 'prepare')],
    after: [
      ...leaves.flatMap(({ leave, machine }) => [leave, machine.id]),
      ...[...servers.staying.values()].map(({ id }) => id),
    ],
    timeoutMs: 60_000,
    check(step) {
      const names = gone(step).map(({ name }) => name);
      if (names.length === 0 || !hasBalancers(context.cluster)) return { kind: 'current', output: undefined };
      const why = `without ${names.join(', ')}`;
      return { kind: 'drifted', changes: [{ action: 'update', what: PATHS.balancerConfig, why }] };
    },
    async apply(step) {
      const names = new Set(gone(step).map(({ name }) => name));
      const left = new Map([...servers.leaving].filter(([name]) => !names.has(name)));
      const known = apiServers(step, new Map([...servers.staying, ...left]), context.cluster.api.port);
      await reached(step.output(view)).host.script(
        sh`set -eu
printf %s ${balancerConfig(known.servers)} > ${PATHS.balancerConfig}.kubewright
chmod 0644 ${PATHS.balancerConfig}.kubewright
mv -f ${PATHS.balancerConfig}.kubewright ${PATHS.balancerConfig}
systemctl kill --kill-who=main --signal=USR2 kubewright-api`,
        { context: step, title: 'reload the load balancer', timeoutMs: 30_000, changes: true },
      );
    },
  };
}
