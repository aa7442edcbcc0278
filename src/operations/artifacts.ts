import { join } from 'node:path';
import type { Payload } from '../artifacts/payload.js';
import { findPayload, resolvePayload } from '../artifacts/resolve.js';
import { serializeError } from '../core/errors.js';
import type { Emit } from '../core/events.js';
import type { Arch, Cluster } from '../model/cluster.js';
import { type ClusterPaths, cacheDirectory } from '../state/paths.js';

/**
 * Resolves each architecture's artifacts once a run, however many steps ask. To the watcher it is a step of its own
 * on this machine, which appears only when there is something to do: a cache that holds everything is silent.
 */
export function payloadOnce(cluster: Cluster, paths: ClusterPaths, emit: Emit) {
  const resolved = new Map<Arch, Promise<Payload>>();
  return (arch: Arch, signal: AbortSignal): Promise<Payload> => {
    const known = resolved.get(arch);
    if (known !== undefined) return known;
    const shown = shownAsStep(arch, emit);
    const resolving = resolvePayload({
      ...cacheRequest(cluster, paths, arch, signal),
      mirrors: cluster.artifacts.mirrors,
      report(event) {
        shown.begin();
        if (event.kind === 'note') emit({ type: 'note', level: 'info', text: event.text });
        else if (event.kind === 'line') emit({ type: 'output', id: shown.id, stream: 'stdout', line: event.text });
        else {
          const { done, total, unit, what } = event;
          emit({ type: 'progress', id: shown.id, done, total, unit, what });
        }
      },
    });
    resolved.set(arch, resolving);
    resolving.then(shown.done, (error: unknown) => {
      resolved.delete(arch);
      shown.failed(error);
    });
    return resolving;
  };
}

/** The artifacts of a cluster's nodes if they lie in the cache, without getting any that do not. */
export function cachedPayload(
  cluster: Cluster,
  paths: ClusterPaths,
  arch: Arch,
  signal: AbortSignal,
): Promise<Payload | undefined> {
  return findPayload(cacheRequest(cluster, paths, arch, signal));
}

function cacheRequest(cluster: Cluster, paths: ClusterPaths, arch: Arch, signal: AbortSignal) {
  return {
    arch,
    kubernetesVersion: cluster.kubernetes.version,
    source: cluster.artifacts.source,
    cacheDirectory: cacheDirectory(),
    lockFile: join(paths.directory, 'artifacts.lock'),
    signal,
  };
}

function shownAsStep(arch: Arch, emit: Emit) {
  const head = {
    type: 'step',
    id: `artifacts/${arch}`,
    title: `have the artifacts for ${arch}`,
    phase: 'artifacts',
  } as const;
  const started = performance.now();
  let begun = false;
  const ms = () => performance.now() - started;
  return {
    id: head.id,
    begin() {
      if (begun) return;
      begun = true;
      emit({ ...head, state: 'applying' });
    },
    done() {
      if (begun) emit({ ...head, state: 'done', result: 'read', ms: ms() });
    },
    failed(error: unknown) {
      if (begun) emit({ ...head, state: 'failed', error: serializeError(error), ms: ms() });
    },
  };
}
