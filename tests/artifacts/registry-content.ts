import { gzipSync } from 'node:zlib';
import { tarArchive, withParents } from '../../src/artifacts/oci/tar.js';
import type { Arch } from '../../src/model/cluster.js';
import { sha256, type UpstreamServer } from './upstream-server.js';

/** Files of one layer, by path. */
export type LayerContent = Readonly<Record<string, string>>;

export interface RegistryContent {
  readonly repository: string;
  readonly tag: string;
  /** Layers by architecture, from the lowest. */
  readonly platforms: Readonly<Partial<Record<Arch, readonly LayerContent[]>>>;
  /** Before "/v2". Default none. */
  readonly prefix?: string;
}

/** Puts an image on a server as a registry has it: index, manifests, configs, gzipped layers. Gives the manifests' digests. */
export function putImage(server: UpstreamServer, content: RegistryContent): Record<string, string> {
  const base = `${content.prefix ?? ''}/v2/${content.repository}`;
  const digests: Record<string, string> = {};
  const manifests = Object.entries(content.platforms).map(([architecture, layers]) => {
    const manifest = putManifest(server, base, architecture, layers);
    digests[architecture] = manifest.digest;
    return { ...manifest, platform: { os: 'linux', architecture } };
  });
  const attestation = { ...manifests[0], platform: { os: 'unknown', architecture: 'unknown' } };
  const index = { schemaVersion: 2, mediaType: INDEX, manifests: [attestation, ...manifests] };
  server.put(`${base}/manifests/${content.tag}`, JSON.stringify(index), { 'content-type': INDEX });
  return digests;
}

/** A gzipped layer of these files. */
export function layerOf(files: LayerContent): Buffer {
  const entries = Object.entries(files).map(
    ([path, content]) => ({ path, type: 'file', mode: 0o755, content: [Buffer.from(content)] }) as const,
  );
  return gzipSync(Buffer.concat(tarArchive(withParents(entries)).flatMap((part) => ('path' in part ? [] : part))));
}

const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

function putManifest(server: UpstreamServer, base: string, architecture: string, layers: readonly LayerContent[]) {
  const blob = (mediaType: string, content: string | Buffer) => {
    const digest = `sha256:${sha256(content)}`;
    server.put(`${base}/blobs/${digest}`, content);
    return { mediaType, digest, size: Buffer.byteLength(content) };
  };
  const config = blob(CONFIG, JSON.stringify({ architecture, os: 'linux', rootfs: { type: 'layers', diff_ids: [] } }));
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config,
    layers: layers.map((layer) => blob(LAYER, layerOf(layer))),
  };
  const text = JSON.stringify(manifest);
  const digest = `sha256:${sha256(text)}`;
  server.put(`${base}/manifests/${digest}`, text, { 'content-type': MANIFEST });
  return { mediaType: MANIFEST, digest, size: text.length };
}
