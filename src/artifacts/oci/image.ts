import type { Arch } from '../../model/cluster.js';
import { type ArchiveBlob, type Descriptor, descriptor, json, ociArchive } from './archive.js';
import { type Segment, sha256Of } from './segment.js';
import { type TarEntry, tarArchive, withParents } from './tar.js';

/** What an image is made of. */
export interface ImageContent {
  /** The name it is imported under: "registry.k8s.io/pause:3.10.2". */
  readonly ref: string;
  readonly arch: Arch;
  /** From the lowest; each becomes one layer. */
  readonly layers: readonly (readonly TarEntry[])[];
  readonly entrypoint: readonly string[];
  /** "uid:gid"; root when absent. */
  readonly user?: string | undefined;
}

export interface Image {
  /** Of the manifest: "sha256:…". */
  readonly digest: string;
  /** The whole archive, ready to be written. */
  readonly archive: readonly Segment[];
}

/**
 * An OCI image in an OCI archive. The same content gives the same bytes and so the same digest: entries are sorted,
 * owned by root and dated 1970. Layers are not compressed: a node imports from its own disk or over an SSH
 * connection that is no bottleneck beside unpacking (docs/decisions/artifact-images.md has the measurement).
 */
export async function makeImage(content: ImageContent, signal: AbortSignal): Promise<Image> {
  const layers = await Promise.all(
    content.layers.map((entries) => blob(LAYER, tarArchive(withParents(entries)), signal)),
  );
  const config = await blob(CONFIG, [json(imageConfig(content, layers))], signal);
  const manifest = await blob(
    MANIFEST,
    [
      json({
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: config.descriptor,
        layers: layers.map((layer) => layer.descriptor),
      }),
    ],
    signal,
  );
  const archive = ociArchive(content.ref, { ...manifest.descriptor, architecture: content.arch }, [
    manifest,
    config,
    ...layers,
  ]);
  return { digest: manifest.digest, archive };
}

const LAYER = 'application/vnd.oci.image.layer.v1.tar';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const EPOCH = '1970-01-01T00:00:00Z';

interface DescribedBlob extends ArchiveBlob {
  readonly descriptor: Descriptor;
}

async function blob(mediaType: string, content: readonly Segment[], signal: AbortSignal): Promise<DescribedBlob> {
  const digest = `sha256:${await sha256Of(content, signal)}`;
  return { digest, content, descriptor: descriptor(mediaType, digest, content) };
}

/** config.md of the OCI image specification. An uncompressed layer's diff id is its digest. */
function imageConfig(content: ImageContent, layers: readonly ArchiveBlob[]): object {
  return {
    created: EPOCH,
    architecture: content.arch,
    os: 'linux',
    config: {
      ...(content.user === undefined ? {} : { User: content.user }),
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Entrypoint: content.entrypoint,
      WorkingDir: '/',
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
    history: layers.map(() => ({ created: EPOCH, created_by: 'kubewright' })),
  };
}
