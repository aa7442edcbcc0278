import { join } from 'node:path';
import type { Arch } from '../model/cluster.js';
import { blobPath } from './blobs.js';
import { BUILD_FORMAT, components } from './build/components.js';
import { type ComponentVersions, componentVersions } from './component-versions.js';
import type { Payload } from './payload.js';
import { filePlacements, imagePlacements } from './placement.js';
import { keyName, type UnitResult } from './unit.js';

/** What a payload is remembered by. */
export interface PayloadKey {
  readonly arch: Arch;
  readonly kubernetesVersion: string;
  readonly source: 'upstream' | 'build';
}

/**
 * The file that a payload is remembered in. Its name holds what the payload consists of, so that another version of
 * kubewright with other pins makes its own.
 */
export function payloadRecord(cacheDirectory: string, key: PayloadKey): string {
  const versions = versionsOf(key);
  const name = keyName({
    FORMAT,
    files: filePlacements(versions),
    images: imagePlacements(versions),
    built: key.source === 'build' ? [BUILD_FORMAT, components(versions)] : undefined,
  });
  return join(cacheDirectory, 'payloads', `kubernetes-${key.kubernetesVersion}-${key.arch}-${key.source}-${name}.json`);
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

function present<Value>(record: Readonly<Record<string, Value>>, name: string): Value {
  const value = record[name];
  if (value === undefined) throw new Error(`the payload has no ${name}`);
  return value;
}
