import { join } from 'node:path';
import type { Catalog } from '../catalog.js';
import type { LockedArtifact } from '../locked-artifact.js';
import type { HttpClient } from './http-client.js';
import type { Mirrors } from './mirrors.js';

/** What every download needs to know. */
export interface UpstreamOptions {
  readonly client: HttpClient;
  readonly catalog: Catalog;
  readonly mirrors: Mirrors;
  /** What artifacts.lock insists on. */
  readonly locked: readonly LockedArtifact[];
  /** For messages. */
  readonly lockFile: string;
}

/** To be raised when units are made differently without their data changing. */
export const UPSTREAM_FORMAT = 1;

/** What a file or an image takes while it is obtained, in bytes: what is downloaded, and what is made of it. */
export const DOWNLOAD_SPACE = 100_000_000;

/** Where unfinished transfers are kept: they outlive the run, so they lie beside the units' own folders. */
export function partialDirectory(cacheDirectory: string): string {
  return join(cacheDirectory, 'partial');
}
