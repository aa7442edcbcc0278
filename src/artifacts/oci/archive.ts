import { type Segment, sizeOf } from './segment.js';
import { type TarEntry, tarArchive, withParents } from './tar.js';

/** A content descriptor of the OCI image specification. */
export interface Descriptor {
  readonly mediaType: string;
  /** "sha256:…" */
  readonly digest: string;
  readonly size: number;
}

/** One blob of an archive with what it holds. */
export interface ArchiveBlob {
  readonly digest: string;
  readonly content: readonly Segment[];
}

/**
 * An OCI archive (an image layout in a tar, image-layout.md of the OCI image specification) of one image.
 * It carries the name both ways: `ctr images import` reads io.containerd.image.name, other tools the OCI annotation.
 */
export function ociArchive(
  ref: string,
  manifest: Descriptor & { readonly architecture: string },
  blobs: readonly ArchiveBlob[],
): readonly Segment[] {
  const { architecture, mediaType, digest, size } = manifest;
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        mediaType,
        digest,
        size,
        platform: { architecture, os: 'linux' },
        annotations: { 'io.containerd.image.name': ref, 'org.opencontainers.image.ref.name': ref },
      },
    ],
  };
  const byDigest = new Map(blobs.map((blob) => [blob.digest, blob.content]));
  const entries: TarEntry[] = [
    file('oci-layout', [json({ imageLayoutVersion: '1.0.0' })]),
    file('index.json', [json(index)]),
    ...[...byDigest].map(([name, content]) => file(`blobs/${name.replace(':', '/')}`, content)),
  ];
  return tarArchive(withParents(entries));
}

/** JSON as it stands in an image: no spaces, keys as given. */
export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** A descriptor of content whose digest is known. */
export function descriptor(mediaType: string, digest: string, content: readonly Segment[]): Descriptor {
  return { mediaType, digest, size: sizeOf(content) };
}

function file(path: string, content: readonly Segment[]): TarEntry {
  return { path, type: 'file', mode: 0o444, content };
}
