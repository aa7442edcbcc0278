import type { Arch, ArtifactsSpec } from '../model/cluster.js';
import { buildUnits } from './build/build-units.js';
import { withCacheLock } from './cache-lock.js';
import { CATALOG, type Catalog } from './catalog.js';
import { componentVersions } from './component-versions.js';
import { interruptible } from './interruptible.js';
import { enforceLockFile, lockConflict, readLockFile } from './lock-file.js';
import { makeUnits } from './make-units.js';
import type { Payload } from './payload.js';
import { type PayloadKey, payloadOf, payloadRecord } from './payload-record.js';
import { readRecord, writeRecord } from './record.js';
import type { Report } from './report.js';
import { chooseSource } from './source.js';
import type { UnitResult } from './unit.js';
import { openHttpClient } from './upstream/http-client.js';
import { upstreamUnits } from './upstream/upstream-units.js';

export interface PayloadRequest extends ResolveOptions {
  readonly arch: Arch;
  readonly kubernetesVersion: string;
}

/** What every way of obtaining artifacts needs to know. */
export interface ResolveOptions {
  readonly source: ArtifactsSpec['source'];
  readonly mirrors: ArtifactsSpec['mirrors'];
  /** Made when missing. docs/concepts/artifacts.md describes what lies in it. */
  readonly cacheDirectory: string;
  /** artifacts.lock; made when missing. */
  readonly lockFile: string;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Default: what kubewright was released with. */
  readonly catalog?: Catalog | undefined;
}

/**
 * Gives everything that a node of `arch` needs, verified: from the cache, else from upstream, else built from
 * source; `source` forces one of the two. What is complete in the cache costs a few milliseconds. Only one run on
 * this machine fills the cache at a time. Everything is held against artifacts.lock, and recorded there.
 */
export async function resolvePayload(request: PayloadRequest): Promise<Payload> {
  return interruptible(request.signal, () => resolve(request));
}

/** What is needed to look for a payload in the cache. */
export type CacheRequest = Pick<
  PayloadRequest,
  'arch' | 'kubernetesVersion' | 'source' | 'cacheDirectory' | 'lockFile' | 'signal'
>;

/**
 * The payload as it lies in the cache; undefined where it is not complete, or not what artifacts.lock wants. Nothing is
 * obtained or locked. Errors: `artifact-lock-invalid`.
 */
export async function findPayload(request: CacheRequest): Promise<Payload | undefined> {
  const found = await inCache(request);
  return found === undefined ? undefined : payloadOf(request.cacheDirectory, found.key, found.result, 'cache');
}

async function resolve(request: PayloadRequest): Promise<Payload> {
  const { cacheDirectory, signal, report } = request;
  const cached = await fromCache(request);
  if (cached !== undefined) return cached;

  const source = await chooseSource(request);
  const key: PayloadKey = { arch: request.arch, kubernetesVersion: request.kubernetesVersion, source };
  const purpose = `Kubernetes ${request.kubernetesVersion} for ${request.arch}`;
  return withCacheLock(cacheDirectory, purpose, { signal, report }, async (held) => {
    // Another run may have made it meanwhile.
    const made = await fromCache({ ...request, source });
    if (made !== undefined) return made;
    const result = await (source === 'build' ? built(request, held) : downloaded(request, held));
    await enforceLockFile(request.lockFile, result.locked, held);
    await writeRecord(payloadRecord(cacheDirectory, key), result);
    return payloadOf(cacheDirectory, key, result, source);
  });
}

async function built(request: PayloadRequest, signal: AbortSignal): Promise<UnitResult> {
  const { arch, kubernetesVersion } = request;
  const units = await buildUnits(componentVersions(kubernetesVersion, 'build'), arch, signal);
  return makeUnits(units, { ...request, signal, atOnce: 1, progress: 'items' });
}

async function downloaded(request: PayloadRequest, signal: AbortSignal): Promise<UnitResult> {
  const { arch, kubernetesVersion, mirrors, lockFile, catalog = CATALOG } = request;
  await using client = openHttpClient();
  const locked = await readLockFile(lockFile);
  const versions = componentVersions(kubernetesVersion, 'upstream');
  const units = upstreamUnits(versions, arch, { client, catalog, mirrors, locked, lockFile });
  // What another cluster's run took for a tag need not be what this one has locked.
  const accept = (result: UnitResult) => lockConflict(lockFile, locked, result.locked) === undefined;
  return await makeUnits(units, { ...request, signal, accept, atOnce: 4, progress: 'bytes' });
}

/** As `findPayload`, and what is new in it is recorded in artifacts.lock. */
async function fromCache(request: PayloadRequest): Promise<Payload | undefined> {
  const found = await inCache(request);
  if (found === undefined) return undefined;
  await enforceLockFile(request.lockFile, found.result.locked, request.signal);
  return payloadOf(request.cacheDirectory, found.key, found.result, 'cache');
}

async function inCache({ arch, kubernetesVersion, source: wanted, cacheDirectory, lockFile, signal }: CacheRequest) {
  const locked = await readLockFile(lockFile);
  for (const source of wanted === 'auto' ? (['upstream', 'build'] as const) : [wanted]) {
    const key: PayloadKey = { arch, kubernetesVersion, source };
    const result = await readRecord(payloadRecord(cacheDirectory, key), cacheDirectory, signal);
    if (result !== undefined && lockConflict(lockFile, locked, result.locked) === undefined) return { key, result };
  }
  return undefined;
}
