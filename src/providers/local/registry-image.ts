import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSegments } from '../../artifacts/oci/segment.js';
import { tarArchive } from '../../artifacts/oci/tar.js';
import type { StepContext } from '../../core/step.js';
import { callEngine, tryEngine } from './call-engine.js';
import type { Engine } from './engine.js';
import { engineFailure } from './engine-failure.js';
import { DEBIAN, imageFiles, PACKAGES, REMOVED } from './image-recipe.js';

/** Debian's own small image, on Docker Hub. */
export const BASE_IMAGE = `docker.io/library/debian:${DEBIAN}-slim`;

/**
 * Has the engine fetch the base image, unless it has it: the engine and not this machine, since it may have mirrors
 * and proxies of its own. Undefined when it is there, else why not. A registry that has not said a word after
 * `SILENCE_MS` counts as out of reach; a slow download does not.
 */
export async function baseImageObstacle(
  engine: Engine,
  context: Pick<StepContext, 'signal' | 'line'>,
): Promise<string | undefined> {
  const { signal } = context;
  const present = await tryEngine(engine, ['image', 'inspect', '--format', '{{.Id}}', BASE_IMAGE], { signal });
  if (present.code === 0) return undefined;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const result = await tryEngine(engine, ['pull', BASE_IMAGE], {
      signal: AbortSignal.any([signal, silence.signal]),
      timeoutMs: 10 * 60_000,
      onLine(line, stream) {
        clearTimeout(timer);
        context.line(line, stream);
      },
    });
    return result.code === 0 ? undefined : engineFailure(engine.program, ['pull'], result).message;
  } catch (error) {
    if (silence.signal.aborted && !signal.aborted) return `no answer within ${SILENCE_MS / 1000} s`;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Makes the node image on top of the base image, which the engine has. */
export async function imageFromRegistry(
  name: string,
  engine: Engine,
  workDirectory: string,
  context: Pick<StepContext, 'signal' | 'line'>,
): Promise<void> {
  const folder = await mkdtemp(join(workDirectory, 'build-'));
  try {
    await writeFile(join(folder, 'Dockerfile'), DOCKERFILE);
    await writeSegments(tarArchive(imageFiles()), join(folder, 'files.tar'), context.signal);
    await callEngine(engine, ['build', '--tag', name, folder], {
      signal: context.signal,
      timeoutMs: 20 * 60_000,
      onLine: (line, stream) => context.line(line, stream),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const SILENCE_MS = 5_000;

const DOCKERFILE = `FROM ${BASE_IMAGE}
RUN apt-get update \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${PACKAGES.join(' ')} \\
 && cd / && rm -rf ${REMOVED.join(' ')}
ADD files.tar /
ENV container=docker
`;
