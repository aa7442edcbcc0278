import { mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { KubewrightError } from '../../core/errors.js';
import { adoptBlob, fileSha256 } from '../blobs.js';
import type { CatalogEntry } from '../catalog.js';
import { findLocked, lockMismatch } from '../lock-file.js';
import type { Unit, UnitContext, UnitResult } from '../unit.js';
import { download } from './download.js';
import { mirrored } from './mirrors.js';
import { publishedSum } from './published-sum.js';
import { unpackFiles } from './unpack.js';
import { DOWNLOAD_SPACE, partialDirectory, UPSTREAM_FORMAT, type UpstreamOptions } from './upstream-options.js';

/** A file that is downloaded: the sum listed in the catalog counts, else the one that upstream publishes beside it. */
export function fileUnit(entry: CatalogEntry, files: Files, options: UpstreamOptions): Unit {
  const { name, version, arch } = entry;
  const identity = { name, version, arch, source: 'upstream' } as const;
  const lockedEntry = findLocked(options.locked, identity);
  return {
    title: `${name} ${version}`,
    key: { format: UPSTREAM_FORMAT, identity, files, listed: entry.sha256 },
    space: DOWNLOAD_SPACE,
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

/** The member that stands for a file which is no archive. */
export const WHOLE_FILE = '';

async function fetchFile(url: string, sha256: string, options: UpstreamOptions, context: UnitContext): Promise<string> {
  const destination = join(context.directory, basename(url));
  await download(options.client, {
    url: mirrored(url, options.mirrors),
    destination,
    partialDirectory: partialDirectory(context.cacheDirectory),
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

function unverifiable({ name, version, listedVersions }: CatalogEntry): KubewrightError {
  return new KubewrightError('artifact-unverifiable', `there is no sum to verify ${name} ${version} against`, {
    hint: `kubewright takes nothing that it cannot verify. It knows ${name} ${listedVersions.join(', ')}.`,
  });
}
