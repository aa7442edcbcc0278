import { join } from 'node:path';
import { KubewrightError } from '../../core/errors.js';
import type { Arch } from '../../model/cluster.js';
import { adoptBlob, fileSha256 } from '../blobs.js';
import { findLocked } from '../lock-file.js';
import { writeSegments } from '../oci/segment.js';
import type { Unit, UnitContext } from '../unit.js';
import { type PullRequest, pullImage, pullLayers } from './pull-image.js';
import { unpackFiles } from './unpack.js';
import { DOWNLOAD_SPACE, partialDirectory, UPSTREAM_FORMAT, type UpstreamOptions } from './upstream-options.js';

/**
 * Nobody lists sums of images: the first one that the registry serves for a tag is recorded in artifacts.lock by its
 * digest, and from then on exactly that one is asked for.
 */
export function imageUnit(name: string, ref: string, version: string, arch: Arch, options: UpstreamOptions): Unit {
  const identity = { name, version, arch, source: 'upstream' } as const;
  const digest = findLocked(options.locked, identity)?.digest;
  return {
    title: `image ${name} ${version}`,
    key: { format: UPSTREAM_FORMAT, ref, arch },
    space: DOWNLOAD_SPACE,
    async make(context) {
      const pulled = await pullImage(options.client, pullRequest(ref, arch, digest, options, context));
      const path = join(context.directory, `${name}.tar`);
      const sha256 = await writeSegments(pulled.archive, path, context.signal);
      const seal = await adoptBlob(context.cacheDirectory, path, sha256, 0o444);
      return {
        files: {},
        images: { [name]: { ...seal, digest: pulled.digest } },
        locked: [{ ...identity, url: ref, digest: pulled.digest }],
      };
    },
  };
}

/** flannel's CNI plugin comes in an image of its own, as the file /flannel (flannel's manifest copies it from there). */
export function flannelCniUnit(version: string, arch: Arch, options: UpstreamOptions): Unit {
  const ref = `ghcr.io/flannel-io/flannel-cni-plugin:v${version}`;
  const identity = { name: 'flannel-cni', version, arch, source: 'upstream' } as const;
  const digest = findLocked(options.locked, identity)?.digest;
  return {
    title: `flannel-cni ${version}`,
    key: { format: UPSTREAM_FORMAT, ref, arch },
    space: DOWNLOAD_SPACE,
    async make(context) {
      const pulled = await pullLayers(options.client, pullRequest(ref, arch, digest, options, context));
      for (const layer of [...pulled.layers].reverse()) {
        const found = await unpackFiles(layer.path, ['flannel'], context.directory);
        const path = found.get('flannel');
        if (path === undefined) continue;
        const seal = await adoptBlob(context.cacheDirectory, path, await fileSha256(path, context.signal), 0o555);
        return {
          files: { 'cni/flannel': seal },
          images: {},
          locked: [{ ...identity, url: ref, digest: pulled.digest }],
        };
      }
      throw new KubewrightError('artifact-invalid', `${ref} holds no file /flannel`);
    },
  };
}

function pullRequest(
  ref: string,
  arch: Arch,
  digest: string | undefined,
  options: UpstreamOptions,
  context: UnitContext,
): PullRequest {
  const { mirrors } = options;
  const { directory, signal, onBytes } = context;
  return {
    ref,
    arch,
    digest,
    mirrors,
    directory,
    partialDirectory: partialDirectory(context.cacheDirectory),
    signal,
    onBytes,
  };
}
