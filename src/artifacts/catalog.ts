import type { Arch } from '../model/cluster.js';
import data from './catalog.json' with { type: 'json' };

/** The names that the catalog lists. */
export type CatalogName = keyof typeof data.artifacts;

/** One downloadable file of upstream, for one version and architecture. */
export interface CatalogEntry {
  readonly name: CatalogName;
  readonly version: string;
  readonly arch: Arch;
  readonly url: string;
  /** Hex; absent when this version is not listed. */
  readonly sha256: string | undefined;
  /** Where upstream publishes the sum beside the file; absent when it does not. */
  readonly publishedSum: string | undefined;
}

/**
 * What is known of an upstream file. Sums are true ones, taken over from Kubespray's list (`about` in catalog.json);
 * a version without a listed sum is verified against the one that upstream publishes beside the file.
 */
export function catalogEntry(name: CatalogName, version: string, arch: Arch): CatalogEntry {
  const artifact: CatalogArtifact = data.artifacts[name];
  const fill = (template: string) => template.replaceAll('{version}', version).replaceAll('{arch}', arch);
  return {
    name,
    version,
    arch,
    url: fill(artifact.url),
    sha256: artifact.sha256[version]?.[arch],
    publishedSum: artifact.publishedSum === undefined ? undefined : fill(artifact.publishedSum),
  };
}

/** The versions with listed sums, newest first. */
export function catalogVersions(name: CatalogName): readonly string[] {
  return Object.keys(data.artifacts[name].sha256);
}

interface CatalogArtifact {
  readonly url: string;
  readonly publishedSum?: string;
  readonly sha256: Readonly<Record<string, Readonly<Record<Arch, string>>>>;
}
