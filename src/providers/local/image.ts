import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withCacheLock } from '../../artifacts/cache-lock.js';
import { KubewrightError } from '../../core/errors.js';
import type { ChangeStep, StepContext } from '../../core/step.js';
import { callEngine, isAbsent, tryEngine } from './call-engine.js';
import { debootstrapObstacle, imageByDebootstrap } from './debootstrap.js';
import type { Engine } from './engine.js';
import { engineFailure } from './engine-failure.js';
import type { LocalRun } from './local-run.js';
import { BASE_IMAGE, baseImageObstacle, imageFromRegistry } from './registry-image.js';

/** The step that has the engine hold the image that nodes start from; its output is the image's name. */
export function imageStep(run: LocalRun): ChangeStep<string> {
  const { spec, image: name } = run;
  return {
    id: 'local/image',
    title: 'make the node image',
    phase: 'machines',
    kind: 'change',
    needs: [run.engineStep.id],
    timeoutMs: 60 * 60_000,
    async check({ signal }) {
      if (await run.isComplete(signal)) return { kind: 'current', output: name };
      const engine = await run.engine(signal);
      if (await hasImage(engine, name, signal)) return { kind: 'current', output: name };
      if (spec.image === undefined) return { kind: 'drifted', changes: [{ action: 'create', what: `image ${name}` }] };
      return {
        kind: 'drifted',
        changes: [{ action: 'run', what: `pull ${name}`, why: 'the engine does not have it' }],
      };
    },
    async apply(context) {
      const engine = await run.engine(context.signal);
      if (spec.image === undefined) await makeImage(name, engine, run.settings.cacheDirectory, context);
      else
        await callEngine(engine, ['pull', name], {
          signal: context.signal,
          timeoutMs: 20 * 60_000,
          onLine: (line, stream) => context.line(line, stream),
        });
      return name;
    },
  };
}

/** Does the engine hold this image? */
export async function hasImage(engine: Engine, name: string, signal: AbortSignal): Promise<boolean> {
  const args = ['image', 'inspect', '--format', '{{.Id}}', name];
  const result = await tryEngine(engine, args, { signal });
  if (result.code !== 0 && !isAbsent(result)) throw engineFailure(engine.program, args, result);
  return result.code === 0;
}

async function makeImage(name: string, engine: Engine, cacheDirectory: string, context: StepContext): Promise<void> {
  const workDirectory = join(cacheDirectory, 'image');
  await mkdir(workDirectory, { recursive: true });
  const say = (text: string) => context.emit({ type: 'note', level: 'info', text });
  await withCacheLock(
    workDirectory,
    `node image ${name}`,
    { signal: context.signal, report: (event) => (event.kind === 'progress' ? undefined : say(event.text)) },
    async (signal) => {
      if (await hasImage(engine, name, signal)) return;
      const building = { signal, line: context.line.bind(context) };
      const noRegistry = await baseImageObstacle(engine, building);
      if (noRegistry === undefined) {
        say(`node image: made from ${BASE_IMAGE}`);
        await imageFromRegistry(name, engine, workDirectory, building);
        return;
      }
      const noDebootstrap = await debootstrapObstacle(engine, signal);
      if (noDebootstrap !== undefined) throw noWay(name, noRegistry, noDebootstrap);
      say(`node image: made from Debian's packages by debootstrap, since ${BASE_IMAGE} cannot be had (${noRegistry})`);
      await imageByDebootstrap(name, engine, workDirectory, building);
    },
  );
}

function noWay(name: string, noRegistry: string, noDebootstrap: string): KubewrightError {
  return new KubewrightError(
    'node-image-failed',
    `The node image ${name} cannot be made: ${BASE_IMAGE} cannot be had (${noRegistry}), and ${noDebootstrap}`,
    { hint: 'Give the engine access to a registry, or (as root, on Debian or Ubuntu): apt-get install debootstrap' },
  );
}
