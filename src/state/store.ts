import { access, readdir, readFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod';
import { KubewrightError } from '../core/errors.js';
import type { Cluster } from '../model/cluster.js';
import { writeFileAtomically } from './atomic-file.js';
import { clusterSchema } from './cluster-schema.js';
import { errorCode, fileError } from './file-error.js';
import { type ClusterPaths, clustersDirectory, statePaths } from './paths.js';

/** What is remembered of a cluster: enough to find and remove it when its config is lost. The truth is on the machines. */
export interface ClusterRecord {
  /** As it was asked for last. No secrets are in it. */
  readonly cluster: Cluster;
  /** The config file, absolute. */
  readonly configFile: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Remembers a cluster; the time of its creation stays. Errors: `state-unwritable`. */
export async function writeClusterRecord(paths: ClusterPaths, cluster: Cluster, configFile: string): Promise<void> {
  // A damaged one has nothing to keep.
  const before = await readClusterRecord(paths).catch(() => undefined);
  const now = new Date().toISOString();
  const record: ClusterRecord = {
    cluster,
    configFile: resolve(configFile),
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
  };
  await writeFileAtomically(paths.record, `${JSON.stringify({ version: VERSION, ...record }, undefined, 2)}\n`, {
    doing: `write the record of ${cluster.name}`,
  });
}

/** What is remembered of a cluster; undefined where nothing is. Errors: `state-invalid`, `state-unwritable`. */
export async function readClusterRecord(paths: ClusterPaths): Promise<ClusterRecord | undefined> {
  let text: string;
  try {
    text = await readFile(paths.record, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileError(error, `read the record of ${paths.cluster}`, paths.record);
  }
  const { version } = check(versionSchema, text, paths.record);
  if (version > VERSION) {
    throw new KubewrightError(
      'state-invalid',
      `${paths.record} has version ${version}, and this kubewright knows up to ${VERSION}: a newer one wrote it`,
    );
  }
  const { cluster, configFile, createdAt, updatedAt } = check(recordSchema, text, paths.record);
  return { cluster, configFile, createdAt, updatedAt };
}

/** The names of all clusters that are remembered, in alphabetical order. */
export async function listClusters(): Promise<readonly string[]> {
  const entries = await readdir(clustersDirectory(), { withFileTypes: true }).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw fileError(error, 'list the clusters', clustersDirectory());
  });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const known = await Promise.all(folders.map(async (name) => (await hasRecord(name)) && name));
  return known.filter((name) => name !== false).sort();
}

/** Forgets a cluster: its record, keys and runs. What is not there is fine. Errors: `state-unwritable`. */
export async function removeCluster(paths: ClusterPaths): Promise<void> {
  try {
    await rm(paths.directory, { recursive: true, force: true });
  } catch (error) {
    throw fileError(error, `remove the state of ${paths.cluster}`, paths.directory);
  }
}

const VERSION = 1;

const versionSchema = z.looseObject({ version: z.number().int().min(1) });

const recordSchema = z.object({
  configFile: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  cluster: clusterSchema,
});

/** The document, if it is one. */
function check<Document>(schema: z.ZodType<Document>, text: string, path: string): Document {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new KubewrightError('state-invalid', `${path} is damaged: it is not JSON`, { cause });
  }
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new KubewrightError(
    'state-invalid',
    `${path} is damaged: ${issue?.path.join('.') || 'the whole'}: ${issue?.message}`,
  );
}

async function hasRecord(cluster: string): Promise<boolean> {
  try {
    await access(statePaths(cluster).record);
    return true;
  } catch {
    return false;
  }
}
