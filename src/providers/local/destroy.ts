import type { ChangeStep, Step } from '../../core/step.js';
import type { LocalSpec } from '../../model/cluster.js';
import { callEngine, tryEngine } from './call-engine.js';
import { listContainers, type NodeContainer } from './containers.js';
import { type Engine, findEngine } from './engine.js';
import { findNetwork } from './engine-networks.js';
import { removeForGood, runHelper } from './helper.js';
import { hasImage } from './image.js';
import { imageName } from './image-recipe.js';
import { networkName } from './labels.js';
import type { LocalSettings } from './local-run.js';
import { REMOVE_SCRIPT } from './seed-script.js';
import { storeFlags, volumeId } from './store-volume.js';

/**
 * The steps that leave nothing of a cluster on the engine: its containers with their volumes, its folders in the store,
 * its network. Found by labels, so that what others made is never touched. The network goes last: while it is there,
 * something may be left, and the same command goes on. Errors at once where the engine does not answer.
 */
export async function destroySteps(
  cluster: string,
  spec: LocalSpec,
  settings: LocalSettings,
): Promise<readonly Step[]> {
  const remains = await lookForRemains(cluster, spec, settings);
  const nodes = remains.nodes.map((node) => removeNodeStep(node, remains));
  const store = cleanStoreStep([cluster], nodes, remains);
  return [...nodes, store, removeNetworkStep(store, remains)];
}

/** The steps that remove single nodes of a cluster, whether they run or not. Names that there are none of are passed over. */
export async function destroyMachinesSteps(
  cluster: string,
  names: readonly string[],
  spec: LocalSpec,
  settings: LocalSettings,
): Promise<readonly Step[]> {
  const remains = await lookForRemains(cluster, spec, settings);
  const nodes = remains.nodes.filter(({ node }) => names.includes(node)).map((node) => removeNodeStep(node, remains));
  const folders = names.map((name) => `${cluster}/${name}`);
  return nodes.length === 0 ? [] : [...nodes, cleanStoreStep(folders, nodes, remains)];
}

interface Remains {
  readonly cluster: string;
  readonly engine: Engine;
  readonly nodes: readonly NodeContainer[];
  readonly hasNetwork: boolean;
  readonly spec: LocalSpec;
  readonly settings: LocalSettings;
}

async function lookForRemains(cluster: string, spec: LocalSpec, settings: LocalSettings): Promise<Remains> {
  const signal = AbortSignal.timeout(60_000);
  const engine = await findEngine(spec.engine, signal);
  const [{ nodes, unborn }, network] = await Promise.all([
    listContainers(engine, cluster, signal),
    findNetwork(engine, networkName(cluster), signal),
  ]);
  return {
    cluster,
    engine,
    nodes: [...nodes.values(), ...unborn.values()],
    hasNetwork: network?.cluster === cluster,
    spec,
    settings,
  };
}

function removeNodeStep(container: NodeContainer, { engine }: Remains): ChangeStep<void> {
  const { node, name, id } = container;
  return {
    id: `${node}/remove-machine`,
    title: 'remove the machine',
    phase: 'remove',
    host: node,
    kind: 'change',
    needs: [],
    timeoutMs: 5 * 60_000,
    check: () => ({ kind: 'drifted', changes: [{ action: 'delete', what: `machine ${name}`, disruptive: true }] }),
    apply: ({ signal }) => removeForGood(engine, id, signal),
  };
}

function cleanStoreStep(
  folders: readonly string[],
  nodes: readonly Step[],
  { engine, spec, settings, hasNetwork, nodes: containers }: Remains,
): ChangeStep<void> {
  const volume = settings.storeVolume;
  return {
    id: 'local/clean-store',
    title: "remove the nodes' part of the store",
    phase: 'remove',
    kind: 'change',
    needs: nodes.map(({ id }) => id),
    timeoutMs: 5 * 60_000,
    async check({ signal }) {
      const mayBeThere = nodes.length > 0 || hasNetwork;
      if (!mayBeThere || (await volumeId(engine, volume, signal)) === undefined) {
        return { kind: 'current', output: undefined };
      }
      const what = `data of ${folders.join(', ')} in the volume ${volume}`;
      return { kind: 'drifted', changes: [{ action: 'delete', what }] };
    },
    async apply(context) {
      const { signal } = context;
      const images = [...new Set([...containers.map(({ image }) => image), spec.image ?? imageName()])];
      for (const image of images) {
        if (!(await hasImage(engine, image, signal))) continue;
        await runHelper(engine, REMOVE_SCRIPT, folders, {
          image,
          flags: storeFlags(volume),
          signal,
          timeoutMs: 4 * 60_000,
        });
        return;
      }
      // Without any image of ours nothing can look into the volume; nobody else's nodes can be in it either.
      const removed = await tryEngine(engine, ['volume', 'rm', volume], { signal });
      if (removed.code === 0) return;
      const text = `data of ${folders.join(', ')} stays in the volume ${volume}: there is no node image to look into it with`;
      context.emit({ type: 'note', level: 'warning', text });
    },
  };
}

function removeNetworkStep(store: Step, { engine, cluster, hasNetwork }: Remains): ChangeStep<void> {
  const name = networkName(cluster);
  return {
    id: 'local/remove-network',
    title: 'remove the network of the nodes',
    phase: 'remove',
    kind: 'change',
    needs: [store.id],
    timeoutMs: 60_000,
    check: () =>
      hasNetwork
        ? { kind: 'drifted', changes: [{ action: 'delete', what: `network ${name}` }] }
        : { kind: 'current', output: undefined },
    async apply({ signal }) {
      await callEngine(engine, ['network', 'rm', name], { signal });
    },
  };
}
