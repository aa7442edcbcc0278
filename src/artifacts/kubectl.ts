import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { KubewrightError } from '../core/errors.js';
import type { Arch } from '../model/cluster.js';
import { blobPath } from './blobs.js';
import { kubectlBuildUnit } from './build/kubectl-unit.js';
import { withCacheLock } from './cache-lock.js';
import { CATALOG } from './catalog.js';
import { interruptible } from './interruptible.js';
import { enforceLockFile, lockConflict, readLockFile } from './lock-file.js';
import { makeUnits } from './make-units.js';
import { payloadRecord } from './payload-record.js';
import { readRecord, writeRecord } from './record.js';
import type { ResolveOptions } from './resolve.js';
import { chooseSource } from './source.js';
import type { UnitResult } from './unit.js';
import { openHttpClient } from './upstream/http-client.js';
import { kubectlUpstreamUnit } from './upstream/kubectl-unit.js';

export interface KubectlRequest extends ResolveOptions {
  readonly kubernetesVersion: string;
  /** The operator's platform and architecture as Node names them: `process.platform`, `process.arch`. */
  readonly platform: string;
  readonly arch: string;
}

/** A platform that kubectl is released for and kubewright runs on, as Go and upstream's addresses name it. */
export interface KubectlPlatform {
  readonly os: 'linux' | 'darwin';
  readonly arch: Arch;
}

/**
 * Gives the path of the kubectl of exactly this version for the operator's own platform, verified and executable: the
 * one of the payload where that is in the cache, else obtained like any other artifact. The file is called kubectl.
 */
export async function resolveKubectl(request: KubectlRequest): Promise<string> {
  return interruptible(request.signal, () => resolve(request));
}

async function resolve(request: KubectlRequest): Promise<string> {
  const { cacheDirectory, lockFile, signal } = request;
  const platform = kubectlPlatform(request);
  const result = (await fromCache(request, platform)) ?? (await obtain(request, platform));
  await enforceLockFile(lockFile, result.locked, signal);
  const { sha256 } = result.files['kubectl'] ?? fail();
  return namedKubectl(cacheDirectory, `v${request.kubernetesVersion}-${platform.os}-${platform.arch}`, sha256);
}

async function obtain(request: KubectlRequest, platform: KubectlPlatform): Promise<UnitResult> {
  const { cacheDirectory, kubernetesVersion: version, mirrors, lockFile, signal, report, catalog = CATALOG } = request;
  const source = await chooseSource(request);
  return withCacheLock(cacheDirectory, `kubectl ${version}`, { signal, report }, async (held) => {
    await using client = openHttpClient();
    const unit =
      source === 'build'
        ? await kubectlBuildUnit(version, platform, held)
        : kubectlUpstreamUnit(version, platform, {
            client,
            catalog,
            mirrors,
            lockFile,
            locked: await readLockFile(lockFile),
          });
    const progress = source === 'build' ? 'items' : 'bytes';
    const result = await makeUnits([unit], { cacheDirectory, report, signal: held, atOnce: 1, progress });
    await writeRecord(kubectlRecord(request, platform, source), result);
    return result;
  });
}

function fail(): never {
  throw new Error('the result holds no kubectl');
}

function kubectlPlatform({ platform, arch }: KubectlRequest): KubectlPlatform {
  if ((platform === 'linux' || platform === 'darwin') && (arch === 'x64' || arch === 'arm64')) {
    return { os: platform, arch: arch === 'x64' ? 'amd64' : 'arm64' };
  }
  throw new KubewrightError('artifact-not-found', `there is no kubectl for ${platform} on ${arch}`, {
    hint: 'kubewright runs on Linux and macOS, on amd64 and arm64; on Windows use WSL.',
  });
}

/** The kubectl of a payload, or one that was obtained alone, if it is what artifacts.lock wants. */
async function fromCache(request: KubectlRequest, platform: KubectlPlatform): Promise<UnitResult | undefined> {
  const { cacheDirectory, kubernetesVersion, lockFile, signal } = request;
  const locked = await readLockFile(lockFile);
  for (const source of request.source === 'auto' ? (['upstream', 'build'] as const) : [request.source]) {
    const payload = payloadRecord(cacheDirectory, { arch: platform.arch, kubernetesVersion, source });
    const alone = kubectlRecord(request, platform, source);
    for (const path of platform.os === 'linux' ? [payload, alone] : [alone]) {
      const result = await readRecord(path, cacheDirectory, signal);
      const kubectl = result?.files['kubectl'];
      if (result === undefined || kubectl === undefined) continue;
      const own = result.locked.filter(({ name }) => name.startsWith('kubectl'));
      if (lockConflict(lockFile, locked, own) === undefined) return { files: { kubectl }, images: {}, locked: own };
    }
  }
  return undefined;
}

function kubectlRecord(request: KubectlRequest, { os, arch }: KubectlPlatform, source: string): string {
  const { cacheDirectory, kubernetesVersion } = request;
  return join(cacheDirectory, 'payloads', `kubectl-${kubernetesVersion}-${os}-${arch}-${source}.json`);
}

/** Blobs are named by their sum; people, and kubectl's own help, want a file of that name. */
async function namedKubectl(cacheDirectory: string, folder: string, sha256: string): Promise<string> {
  const path = join(cacheDirectory, 'kubectl', `${folder}-${sha256.slice(0, 12)}`, 'kubectl');
  await mkdir(dirname(path), { recursive: true });
  await symlink(relative(dirname(path), blobPath(cacheDirectory, sha256)), path).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  return path;
}
