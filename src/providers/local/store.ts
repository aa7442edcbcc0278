import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withCacheLock } from '../../artifacts/cache-lock.js';
import type { Payload } from '../../artifacts/payload.js';
import type { Change, ChangeStep, StepContext, StepRef } from '../../core/step.js';
import { tryEngine } from './call-engine.js';
import type { NodeContainer } from './containers.js';
import type { Engine } from './engine.js';
import { runHelper } from './helper.js';
import type { LocalRun } from './local-run.js';
import { PAYLOAD_DIRECTORY } from './node-paths.js';
import { makeSeed } from './seed.js';
import { ADD_SCRIPT } from './seed-script.js';
import { ensureVolume, isKnownSeed, rememberSeed, storeFlags } from './store-volume.js';

/** What a new node is made with. */
export interface NodeStore {
  readonly volume: string;
  /** The payload in the store, unpacked: nodes get hard links of it. */
  readonly seed: string;
}

/**
 * The step that has a volume of the engine hold all artifacts, the images in it unpacked, and the nodes that exist
 * see them: nothing of it is sent to a node over the wire, and no node unpacks an image.
 */
export function storeStep(run: LocalRun, image: StepRef<string>): ChangeStep<NodeStore> {
  const { context: provider, settings, cluster } = run;
  const volume = settings.storeVolume;
  const addSeed: Change = { action: 'create', what: `artifacts in the volume ${volume}` };
  return {
    id: 'local/store',
    title: 'lay the artifacts out for the nodes',
    phase: 'machines',
    kind: 'change',
    needs: [run.engineStep.id, image.id],
    // The artifacts may have to be built first, which has deadlines of its own.
    timeoutMs: 4 * 60 * 60_000,
    async check({ signal, mode }) {
      const nodes = await madeNodes(run, signal);
      // A plan for nothing yet is no reason to download or build anything.
      if (mode === 'plan' && nodes.length === 0) return { kind: 'drifted', changes: [addSeed] };
      const engine = await run.engine(signal);
      const seed = seedKey(await provider.payload(engine.arch, signal));
      const behind = await nodesWithout(seed, nodes, engine, signal);
      // Nodes have their own links: only a new one, or one that gets others, needs the seed itself.
      const isNeeded = behind.length > 0 || !(await run.isComplete(signal));
      const isThere = !isNeeded || (await isKnownSeed(seed, engine, settings, signal));
      if (isThere && behind.length === 0) return { kind: 'current', output: { volume, seed } };
      return { kind: 'drifted', changes: [...(isThere ? [] : [addSeed]), ...behind.map(addFiles)] };
    },
    async apply(context) {
      const { signal } = context;
      const engine = await run.engine(signal);
      const payload = await provider.payload(engine.arch, signal);
      const seed = seedKey(payload);
      await provideSeed(seed, payload, run, context);
      const behind = await nodesWithout(seed, await madeNodes(run, signal), engine, signal);
      if (behind.length > 0) {
        const homes = behind.map(({ node, instance }) => `${cluster.name}/${node}/${instance}`);
        await runHelper(engine, ADD_SCRIPT, [seed, ...homes], {
          image: run.image,
          flags: storeFlags(volume),
          signal,
        });
      }
      return { volume, seed };
    },
  };
}

function addFiles({ node }: NodeContainer): Change {
  return { action: 'update', what: `artifacts of ${node}`, why: 'made with others' };
}

/** Names a payload by everything that is in it, and the layout of the store. */
function seedKey(payload: Payload): string {
  const sums = [...payload.files, ...payload.images].map(({ sha256 }) => sha256).sort();
  return createHash('sha256')
    .update(JSON.stringify([LAYOUT, payload.arch, sums]))
    .digest('hex')
    .slice(0, 16);
}

/** Raised when seeds are made in another way. */
const LAYOUT = 1;

async function madeNodes(run: LocalRun, signal: AbortSignal): Promise<readonly NodeContainer[]> {
  const { nodes } = await run.containers(signal);
  return run.cluster.nodes.flatMap(({ name }) => nodes.get(name) ?? []);
}

/** Nodes made with other artifacts that have not been given these yet. A stopped one cannot be asked, and gets them again. */
async function nodesWithout(
  seed: string,
  nodes: readonly NodeContainer[],
  engine: Engine,
  signal: AbortSignal,
): Promise<readonly NodeContainer[]> {
  const others = nodes.filter((node) => node.seed !== seed);
  const marker = `${PAYLOAD_DIRECTORY}/.${seed}`;
  const have = await Promise.all(
    others.map(async ({ id, state }) => {
      if (state !== 'running') return false;
      return (await tryEngine(engine, ['exec', id, 'test', '-e', marker], { signal })).code === 0;
    }),
  );
  return others.filter((_, index) => have[index] !== true);
}

/** One run at a time fills the store; the others wait and find it filled. */
async function provideSeed(seed: string, payload: Payload, run: LocalRun, context: StepContext): Promise<void> {
  const { settings } = run;
  const { signal } = context;
  const engine = await run.engine(signal);
  if (await isKnownSeed(seed, engine, settings, signal)) return;
  const id = await ensureVolume(engine, settings.storeVolume, signal);
  const lockDirectory = join(settings.cacheDirectory, 'store');
  await mkdir(lockDirectory, { recursive: true });
  await withCacheLock(
    lockDirectory,
    `artifacts for ${engine.program}`,
    {
      signal,
      report(event) {
        if (event.kind === 'note') context.emit({ type: 'note', level: 'info', text: event.text });
      },
    },
    (held) => makeSeed(seed, payload, run, context, held),
  );
  await rememberSeed(seed, id, settings);
}
