import { createHash } from 'node:crypto';
import { KubewrightError } from '../../core/errors.js';
import type { ChangeStep, StepRef, Verdict } from '../../core/step.js';
import type { LocalSpec, NodeSpec } from '../../model/cluster.js';
import type { Machine } from '../provider.js';
import { forgetAbilities } from './abilities.js';
import { callEngine } from './call-engine.js';
import type { NodeContainer } from './containers.js';
import { createNode } from './create-node.js';
import { removeForGood } from './helper.js';
import { imageName } from './image-recipe.js';
import { type ClusterKey, readClusterKey } from './keys.js';
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
  const { cluster } = run;
  const name = containerName(cluster.name, node.name);
  const machine = (container: NodeContainer, key: ClusterKey) =>
    machineOf(container, { identity: key.path, apiPort: cluster.api.port });
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
      const { nodes, others } = await run.containers(signal);
      const foreign = others.get(name);
      if (foreign !== undefined) throw nameTaken(name, foreign, node.name);
      const container = nodes.get(node.name);
      if (container === undefined)
        return { kind: 'drifted', changes: [{ action: 'create', what: `machine ${name}`, why: 'missing' }] };
      if (container.state === 'unborn') {
        return {
          kind: 'drifted',
          changes: [{ action: 'create', what: `machine ${name}`, why: 'it was never started' }],
        };
      }
      const key = await ownKey(container, run);
      if (container.state === 'running')
        return { kind: 'current', output: machine(container, key), why: drift(container, run) };
      return { kind: 'drifted', changes: [{ action: 'run', what: `machine ${name}`, why: container.state }] };
    },
    async apply(context) {
      const { signal } = context;
      const engine = await run.engine(signal);
      const { nodes } = await run.containers(signal);
      const found = nodes.get(node.name);
      const key = await run.newKey(signal);
      if (found !== undefined && found.state !== 'unborn') {
        await callEngine(engine, [found.state === 'paused' ? 'unpause' : 'start', found.id], { signal });
        return machine(found, key);
      }
      if (found !== undefined) await removeForGood(engine, found.id, signal);
      const material = {
        image: context.output(parts.image),
        network: context.output(parts.network),
        store: context.output(parts.store),
      };
      return machine(await createNode(node, run, { ...material, key, made: madeFrom(run.spec) }, signal), key);
    },
    async verify({ signal }, output) {
      const engine = await run.engine(signal);
      const error = await whyNotUp(engine, name, output, signal);
      if (error === undefined) return;
      // What was remembered of the engine may be what is wrong: it is found out again by the next run.
      await Promise.all([forgetAbilities(engine, run.settings.cacheDirectory), forgetSeeds(run.settings)]);
      throw error;
    },
  };
}

/** Errors: `cluster-of-another` where the node lets another key in. */
async function ownKey(container: NodeContainer, run: LocalRun): Promise<ClusterKey> {
  const key = await readClusterKey(run.context.stateDirectory);
  if (key !== undefined && key.fingerprint === container.clientKey) return key;
  const engine = `${container.name} was made for the key ${container.clientKey}`;
  throw new KubewrightError(
    'cluster-of-another',
    `A cluster ${run.cluster.name} exists, and ${run.context.stateDirectory} has no key for it: ${engine}`,
    { hint: `Give this cluster another name, or remove the existing one: kubewright down` },
  );
}

function nameTaken(name: string, whose: string, node: string): KubewrightError {
  return new KubewrightError('name-taken', `The name ${name}, which node ${node} would have, is taken by ${whose}`, {
    host: node,
    hint: `Give the cluster another name, or remove the container: docker rm -f ${name}`,
  });
}

/** Names what a container is made from beside its artifacts. */
function madeFrom({ image = imageName(), publishPorts }: LocalSpec): string {
  return createHash('sha256')
    .update(JSON.stringify([image, publishPorts]))
    .digest('hex')
    .slice(0, 12);
}

/** Said where a node differs from what a new one would be; it stays as it is. */
function drift(container: NodeContainer, run: LocalRun): string | undefined {
  return container.made === madeFrom(run.spec)
    ? undefined
    : 'made from another image or with other settings; replace it to change that';
}
