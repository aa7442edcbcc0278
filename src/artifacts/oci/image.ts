import type { Arch } from '../../model/cluster.js';
import { type ArchiveBlob, type Descriptor, descriptor, json, ociArchive } from './archive.js';
import { type FileSegment, type Segment, sha256Of } from './segment.js';
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
  /** Layers stay as they are when absent. */
  readonly compression?: Compression | undefined;
}

/** A way to compress layers that gives the same bytes for the same layer. */
export interface Compression {
  /** What is appended to a layer's media type: "+zstd". */
  readonly suffix: string;
  compress(layer: readonly Segment[]): Promise<FileSegment>;
}

export interface Image {
  /** Of the manifest: "sha256:…". */
  readonly digest: string;
  /** The whole archive, ready to be written. */
  readonly archive: readonly Segment[];
}

/**
 * An OCI image in an OCI archive. The same content gives the same bytes and so the same digest: entries are sorted,
 * owned by root and dated 1970.
 */
export async function makeImage(content: ImageContent, signal: AbortSignal): Promise<Image> {
  const layers: Layer[] = [];
  for (const entries of content.layers) layers.push(await makeLayer(entries, content.compression, signal));
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

/** A layer as it is stored, and the digest of the tar archive in it. */
interface Layer extends DescribedBlob {
  readonly diffId: string;
}

async function makeLayer(
  entries: readonly TarEntry[],
  compression: Compression | undefined,
  signal: AbortSignal,
): Promise<Layer> {
  const plain = tarArchive(withParents(entries));
  const diffId = `sha256:${await sha256Of(plain, signal)}`;
  if (compression === undefined) {
    return { digest: diffId, content: plain, descriptor: descriptor(LAYER, diffId, plain), diffId };
  }
  const compressed = await blob(`${LAYER}${compression.suffix}`, [await compression.compress(plain)], signal);
  return { ...compressed, diffId };
}

/** config.md of the OCI image specification. */
function imageConfig(content: ImageContent, layers: readonly Layer[]): object {
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
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map(() => ({ created: EPOCH, created_by: 'kubewright' })),
  };
}
