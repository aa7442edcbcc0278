import { createHash } from 'node:crypto';
import type { ChangeStep, StepRef, Verdict } from '../../core/step.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { Machine } from '../provider.js';
import { forgetAbilities } from './abilities.js';
import { callEngine } from './call-engine.js';
import type { NodeContainer } from './containers.js';
import { createNode } from './create-node.js';
import { removeContainer, removeForGood } from './helper.js';
import { clusterKeyPath } from './keys.js';
import { containerName } from './labels.js';
import type { LocalRun } from './local-run.js';
import { machineOf } from './machine.js';
import type { NodeNetwork } from './network.js';
import type { NodeStore } from './store.js';
import { forgetSeeds } from './store-volume.js';
import { whyNotUp } from './why-not-up.js';

/** What all nodes are made from, as steps that come before. */
export interface NodeParts {
  readonly image: StepRef<string>;
  readonly network: StepRef<NodeNetwork>;
  readonly store: StepRef<NodeStore>;
}

/**
 * The step that has one node be there and running, its sshd answering. A node that exists is never made anew, whatever
 * has become of the config: that would lose what is on it.
 */
export function nodeStep(
  node: NodeSpec,
  run: LocalRun,
  parts: NodeParts,
): ChangeStep<Machine> & { readonly host: string } {
  const { cluster, context } = run;
  const name = containerName(cluster.name, node.name);
  let isNew = false;
  const identity = clusterKeyPath(context.stateDirectory);
  const machine = (container: NodeContainer) => machineOf(container, { identity, apiPort: cluster.api.port });
  return {
    id: `${node.name}/machine`,
    title: 'boot the machine',
    phase: 'machines',
    host: node.name,
    kind: 'change',
    needs: [parts.image.id, parts.network.id, parts.store.id],
    limits: ['machine-create'],
    timeoutMs: 5 * 60_000,
    async check({ signal }): Promise<Verdict<Machine>> {
      const { nodes, unborn } = await run.containers(signal);
      const container = nodes.get(node.name);
      if (container === undefined) {
        const why = unborn.has(node.name) ? 'it was never started' : 'missing';
        return { kind: 'drifted', changes: [{ action: 'create', what: `machine ${name}`, why }] };
      }
      if (container.state === 'running') {
        return { kind: 'current', output: machine(container), why: drift(container, run) };
      }
      return { kind: 'drifted', changes: [{ action: 'run', what: `machine ${name}`, why: container.state }] };
    },
    async apply(step) {
      const { signal } = step;
      const engine = await run.engine(signal);
      const { nodes, unborn } = await run.containers(signal);
      const found = nodes.get(node.name);
      if (found !== undefined) {
        await callEngine(engine, [found.state === 'paused' ? 'unpause' : 'start', found.id], { signal });
        return machine(found);
      }
      const leftover = unborn.get(node.name);
      if (leftover !== undefined) await removeForGood(engine, leftover.id, signal);
      isNew = true;
      const material = {
        key: await run.newKey(signal),
        made: madeFrom(run),
        network: step.output(parts.network),
        store: step.output(parts.store),
      };
      return machine(await createNode(node, run, material, signal));
    },
    async verify({ signal }, output) {
      const engine = await run.engine(signal);
      const error = await whyNotUp(engine, name, output, signal);
      if (error === undefined) return;
      // What was remembered of the engine may be what is wrong: the next run finds it out again and makes the node anew.
      await Promise.all([forgetAbilities(engine, run.settings.cacheDirectory), forgetSeeds(run.settings)]);
      if (isNew) await removeContainer(engine, name);
      throw error;
    },
  };
}

/** Names what a container is made from beside its artifacts. */
function madeFrom({ image, spec }: LocalRun): string {
  return createHash('sha256')
    .update(JSON.stringify([image, spec.publishPorts]))
    .digest('hex')
    .slice(0, 12);
}

/** Said where a node differs from what a new one would be; it stays as it is. */
function drift(container: NodeContainer, run: LocalRun): string | undefined {
  return container.made === madeFrom(run)
    ? undefined
    : 'made from another image or with other settings; replace it to change that';
}
