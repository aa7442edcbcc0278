import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Arch } from '../model/cluster.js';
import { writeFileAtomically } from '../state/atomic-file.js';
import { blobPath } from './blobs.js';
import { BUILD_FORMAT, components } from './build/components.js';
import { type ComponentVersions, componentVersions } from './component-versions.js';
import type { Payload } from './payload.js';
import { filePlacements, imagePlacements } from './placement.js';
import { keyName, parseResult, type UnitResult, withIntactFiles } from './unit.js';

/** What a payload is remembered by: one file for each, so that a complete cache is told by one read and a stat a file. */
export interface PayloadKey {
  readonly arch: Arch;
  readonly kubernetesVersion: string;
  readonly source: 'upstream' | 'build';
}

/** The remembered result of a payload, if every file of it is intact. */
export async function rememberedPayload(
  cacheDirectory: string,
  key: PayloadKey,
  signal: AbortSignal,
): Promise<UnitResult | undefined> {
  const path = recordPath(cacheDirectory, key);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const result = text === undefined ? undefined : parseResult(text);
  if (result === undefined) return undefined;
  const intact = await withIntactFiles(cacheDirectory, result, signal);
  if (intact === undefined) return undefined;
  // A cache that was copied has new times: what was hashed again now is not hashed again next time.
  if (JSON.stringify(intact) !== JSON.stringify(result)) await rememberPayload(cacheDirectory, key, intact);
  return intact;
}

/** Remembers a payload that is complete, in place of an earlier record. */
export async function rememberPayload(cacheDirectory: string, key: PayloadKey, result: UnitResult): Promise<void> {
  await writeFileAtomically(recordPath(cacheDirectory, key), JSON.stringify(result), { doing: 'remember an artifact' });
}

/** Puts a result together as the payload that providers and engines read. */
export function payloadOf(
  cacheDirectory: string,
  key: PayloadKey,
  result: UnitResult,
  source: Payload['source'],
): Payload {
  const versions = versionsOf(key);
  return {
    arch: key.arch,
    kubernetesVersion: key.kubernetesVersion,
    source,
    files: filePlacements(versions).map((placement) => {
      const { sha256, size } = present(result.files, placement.name);
      return { ...placement, sha256, size, path: blobPath(cacheDirectory, sha256) };
    }),
    images: imagePlacements(versions).map((placement) => {
      const { sha256, size, digest } = present(result.images, placement.name);
      return { ...placement, digest, sha256, size, path: blobPath(cacheDirectory, sha256) };
    }),
  };
}

/** To be raised when records are written differently. */
const FORMAT = 1;

function versionsOf(key: PayloadKey): ComponentVersions {
  return componentVersions(key.kubernetesVersion, key.source);
}

function recordDirectory(cacheDirectory: string): string {
  return join(cacheDirectory, 'payloads');
}

/** The name holds what the payload consists of, so that another version of kubewright with other pins makes its own. */
function recordPath(cacheDirectory: string, key: PayloadKey): string {
  const versions = versionsOf(key);
  const name = keyName({
    FORMAT,
    files: filePlacements(versions),
    images: imagePlacements(versions),
    built: key.source === 'build' ? [BUILD_FORMAT, components(versions)] : undefined,
  });
  return join(
    recordDirectory(cacheDirectory),
    `kubernetes-${key.kubernetesVersion}-${key.arch}-${key.source}-${name}.json`,
  );
}

function present<Value>(record: Readonly<Record<string, Value>>, name: string): Value {
  const value = record[name];
  if (value === undefined) throw new Error(`the payload has no ${name}`);
  return value;
}
