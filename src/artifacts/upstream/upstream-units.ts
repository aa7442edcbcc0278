import { mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { KubewrightError } from '../../core/errors.js';
import type { Arch } from '../../model/cluster.js';
import { adoptBlob, fileSha256 } from '../blobs.js';
import { type Catalog, type CatalogEntry, catalogEntry } from '../catalog.js';
import type { ComponentVersions } from '../component-versions.js';
import { findLocked, lockMismatch } from '../lock-file.js';
import type { LockedArtifact } from '../locked-artifact.js';
import { writeSegments } from '../oci/segment.js';
import { CNI_PLUGINS, imagePlacements } from '../placement.js';
import type { Unit, UnitContext, UnitResult } from '../unit.js';
import { download } from './download.js';
import type { HttpClient } from './http-client.js';
import { type Mirrors, mirrored } from './mirrors.js';
import { publishedSum } from './published-sum.js';
import { type PullRequest, pullImage, pullLayers } from './pull-image.js';
import { unpackFiles } from './unpack.js';

export interface UpstreamOptions {
  readonly client: HttpClient;
  readonly catalog: Catalog;
  readonly mirrors: Mirrors;
  /** What artifacts.lock insists on. */
  readonly locked: readonly LockedArtifact[];
  /** For messages. */
  readonly lockFile: string;
}

/** A payload as units that are downloaded. */
export function upstreamUnits(versions: ComponentVersions, arch: Arch, options: UpstreamOptions): readonly Unit[] {
  const { kubernetes, containerd, runc, cniPlugins } = versions;
  const file = (name: string, version: string, files: Files) =>
    fileUnit(catalogEntry(options.catalog, name, version, arch), files, options);
  return [
    ...(['kubeadm', 'kubelet', 'kubectl'] as const).map((name) => file(name, kubernetes, { [name]: WHOLE_FILE })),
    file('containerd-static', containerd, {
      containerd: 'bin/containerd',
      'containerd-shim-runc-v2': 'bin/containerd-shim-runc-v2',
      ctr: 'bin/ctr',
    }),
    file('runc', runc, { runc: WHOLE_FILE }),
    file('cni-plugins', cniPlugins, Object.fromEntries(CNI_PLUGINS.map((name) => [`cni/${name}`, name]))),
    flannelCniUnit(versions.flannelCni, arch, options),
    ...imagePlacements(versions).map(({ name, ref, version }) => imageUnit(name, ref, version, arch, options)),
  ];
}

/** A file that is downloaded: the sum listed in the catalog counts, else the one that upstream publishes beside it. */
export function fileUnit(entry: CatalogEntry, files: Files, options: UpstreamOptions): Unit {
  const { name, version, arch } = entry;
  const identity = { name, version, arch, source: 'upstream' } as const;
  const lockedEntry = findLocked(options.locked, identity);
  return {
    title: `${name} ${version}`,
    key: { format: FORMAT, identity, files, listed: entry.sha256 },
    space: FILE_SPACE,
    async make(context) {
      const sha256 = entry.sha256 ?? (await sumOfUnlisted());
      if (lockedEntry !== undefined && lockedEntry.sha256 !== sha256) {
        throw lockMismatch(options.lockFile, lockedEntry, `sha256:${sha256}`);
      }
      const path = await fetchFile(entry.url, sha256, options, context);
      const result = await storeFiles(path, files, context);
      return { files: result, images: {}, locked: [{ ...identity, url: entry.url, sha256 }] };

      async function sumOfUnlisted(): Promise<string> {
        const { publishedSum: url } = entry;
        if (url === undefined) throw unverifiable(entry);
        return publishedSum(options.client, mirrored(url, options.mirrors), basename(entry.url), context.signal);
      }
    },
  };
}

/** Payload names to members of the archive, or to the file as a whole. */
export type Files = Readonly<Record<string, string>>;
export const WHOLE_FILE = '';

/** To be raised when units are made differently without their data changing. */
const FORMAT = 1;
/** What a file or an image takes while it is obtained, in bytes: what is downloaded, and what is made of it. */
const FILE_SPACE = 100_000_000;

/**
 * Nobody lists sums of images: the first one that the registry serves for a tag is recorded in artifacts.lock by its
 * digest, and from then on exactly that one is asked for.
 */
function imageUnit(name: string, ref: string, version: string, arch: Arch, options: UpstreamOptions): Unit {
  const identity = { name, version, arch, source: 'upstream' } as const;
  const digest = findLocked(options.locked, identity)?.digest;
  return {
    title: `image ${name} ${version}`,
    key: { format: FORMAT, ref, arch },
    space: FILE_SPACE,
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
function flannelCniUnit(version: string, arch: Arch, options: UpstreamOptions): Unit {
  const ref = `ghcr.io/flannel-io/flannel-cni-plugin:v${version}`;
  const identity = { name: 'flannel-cni', version, arch, source: 'upstream' } as const;
  const digest = findLocked(options.locked, identity)?.digest;
  return {
    title: `flannel-cni ${version}`,
    key: { format: FORMAT, ref, arch },
    space: FILE_SPACE,
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
  return { ref, arch, digest, mirrors, directory, partialDirectory: partialDirectory(context), signal, onBytes };
}

async function fetchFile(url: string, sha256: string, options: UpstreamOptions, context: UnitContext): Promise<string> {
  const destination = join(context.directory, basename(url));
  await download(options.client, {
    url: mirrored(url, options.mirrors),
    destination,
    partialDirectory: partialDirectory(context),
    sha256,
    signal: context.signal,
    onBytes: (done, total) => context.onBytes(basename(url), done, total),
  });
  return destination;
}

async function storeFiles(path: string, files: Files, context: UnitContext): Promise<UnitResult['files']> {
  const members = Object.values(files).filter((member) => member !== WHOLE_FILE);
  const directory = join(context.directory, 'unpacked');
  await mkdir(directory);
  const unpacked = members.length === 0 ? new Map<string, string>() : await unpackFiles(path, members, directory);
  const stored: UnitResult['files'] = {};
  for (const [name, member] of Object.entries(files)) {
    const source = member === WHOLE_FILE ? path : unpacked.get(member);
    if (source === undefined || !(await stat(source)).isFile()) {
      throw new KubewrightError('artifact-invalid', `${basename(path)} holds no ${member}`);
    }
    stored[name] = await adoptBlob(context.cacheDirectory, source, await fileSha256(source, context.signal), 0o555);
  }
  return stored;
}

/** Unfinished transfers outlive the run, so they lie beside the units' own folders. */
function partialDirectory(context: UnitContext): string {
  return join(context.cacheDirectory, 'partial');
}

function unverifiable({ name, version, listedVersions }: CatalogEntry): KubewrightError {
  return new KubewrightError('artifact-unverifiable', `there is no sum to verify ${name} ${version} against`, {
    hint: `kubewright takes nothing that it cannot verify. It knows ${name} ${listedVersions.join(', ')}.`,
  });
}
