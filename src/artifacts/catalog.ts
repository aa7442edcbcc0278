import type { Arch } from '../model/cluster.js';
import data from './catalog.json' with { type: 'json' };

/** Upstream files with pinned versions and true sums. */
export interface Catalog {
  readonly artifacts: Readonly<Record<string, CatalogArtifact>>;
}

export interface CatalogArtifact {
  /** With {version} and {arch} to be filled in. */
  readonly url: string;
  /** Where upstream publishes the sum beside the file, likewise; absent when it does not. */
  readonly publishedSum?: string;
  /** Hex, by version and architecture; newest version first. */
  readonly sha256: Readonly<Record<string, Readonly<Record<Arch, string>>>>;
}

/** What kubewright was released with. Sums are true ones, taken over from Kubespray's list (`about` in catalog.json). */
export const CATALOG: Catalog = data;

/** One downloadable file of upstream, for one version and architecture. */
export interface CatalogEntry {
  readonly name: string;
  readonly version: string;
  readonly arch: Arch;
  readonly url: string;
  /** Hex; absent when this version is not listed. */
  readonly sha256: string | undefined;
  /** Absent when upstream publishes none. */
  readonly publishedSum: string | undefined;
  /** The versions with listed sums, newest first. */
  readonly listedVersions: readonly string[];
}

/** What a catalog says of an upstream file. Throws where the catalog does not know the name at all. */
export function catalogEntry(catalog: Catalog, name: string, version: string, arch: Arch): CatalogEntry {
  const artifact = catalog.artifacts[name];
  if (artifact === undefined) throw new Error(`the catalog has no ${name}`);
  const fill = (template: string) => template.replaceAll('{version}', version).replaceAll('{arch}', arch);
  return {
    name,
    version,
    arch,
    url: fill(artifact.url),
    sha256: artifact.sha256[version]?.[arch],
    publishedSum: artifact.publishedSum === undefined ? undefined : fill(artifact.publishedSum),
    listedVersions: Object.keys(artifact.sha256),
  };
}
