import { join } from 'node:path';
import { KubewrightError } from '../../core/errors.js';
import { type ArchiveBlob, ociArchive } from '../oci/archive.js';
import type { Segment } from '../oci/segment.js';
import { download } from './download.js';
import type { HttpClient } from './http-client.js';
import { lookUpImage, type RegistryBlob, type RegistryImage, type RegistryRequest } from './registry.js';

export interface PullRequest extends RegistryRequest {
  /** Where blobs are put; they must stay while the archive is written. */
  readonly directory: string;
  readonly partialDirectory: string;
  readonly onBytes: (name: string, done: number, total: number | undefined) => void;
}

/**
 * Pulls an image into the segments of an OCI archive that `ctr images import` takes. Blobs keep the compression that
 * the registry serves. Where a digest is insisted on that the registry no longer has, the error names the one it has.
 */
export async function pullImage(
  client: HttpClient,
  request: PullRequest,
): Promise<{ digest: string; archive: readonly Segment[] }> {
  const image = await lookUp(client, request);
  const blobs: ArchiveBlob[] = [{ digest: image.digest, content: [image.manifest] }];
  for (const blob of image.blobs) {
    const { path } = await pullBlob(client, image, blob, request);
    blobs.push({ digest: blob.digest, content: [{ path, size: blob.size }] });
  }
  const { digest, mediaType, manifest } = image;
  return {
    digest,
    archive: ociArchive(request.ref, { mediaType, digest, size: manifest.length, architecture: request.arch }, blobs),
  };
}

/** Pulls the layers only, from the lowest. */
export async function pullLayers(
  client: HttpClient,
  request: PullRequest,
): Promise<{ digest: string; layers: readonly { path: string; mediaType: string }[] }> {
  const image = await lookUp(client, request);
  const layers: { path: string; mediaType: string }[] = [];
  for (const blob of image.blobs) {
    if (blob.role === 'layer') layers.push(await pullBlob(client, image, blob, request));
  }
  return { digest: image.digest, layers };
}

async function pullBlob(
  client: HttpClient,
  image: RegistryImage,
  blob: RegistryBlob,
  request: PullRequest,
): Promise<{ path: string; mediaType: string }> {
  const sha256 = blob.digest.replace('sha256:', '');
  const path = join(request.directory, sha256);
  const name = `${image.ref} ${sha256.slice(0, 12)}`;
  await download(client, {
    url: blob.url,
    headers: image.headers,
    destination: path,
    partialDirectory: request.partialDirectory,
    sha256,
    size: blob.size,
    signal: request.signal,
    onBytes: (done, total) => request.onBytes(name, done, total),
  });
  return { path, mediaType: blob.mediaType };
}

async function lookUp(client: HttpClient, request: PullRequest): Promise<RegistryImage> {
  try {
    return await lookUpImage(client, request);
  } catch (error) {
    if (request.digest === undefined || !(error instanceof KubewrightError) || error.code !== 'artifact-not-found') {
      throw error;
    }
    const now = await lookUpImage(client, { ...request, digest: undefined });
    throw new KubewrightError(
      'artifact-lock-mismatch',
      `${request.ref} for ${request.arch} is ${now.digest}, but artifacts.lock has ${request.digest}, which the registry no longer has`,
      { hint: 'If the change is known and meant, remove that entry from artifacts.lock.' },
    );
  }
}
