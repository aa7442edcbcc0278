import { access, readdir, readFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as z from 'zod';
import { KubewrightError } from '../core/errors.js';
import type { Cluster, NodeSpec } from '../model/cluster.js';
import { writeFileAtomically } from './atomic-file.js';
import { clusterSchema, nodeSchema } from './cluster-schema.js';
import { errorCode, fileError } from './file-error.js';
import { type ClusterPaths, clustersDirectory, statePaths } from './paths.js';

/** What is remembered of a cluster: enough to find and remove it when its config is lost. The truth is on the machines. */
export interface ClusterRecord {
  /** As it was asked for last. No secrets are in it. */
  readonly cluster: Cluster;
  /** Nodes that were asked for once, are not any more, and of which it is not known that they are gone. */
  readonly departing: readonly NodeSpec[];
  /** The config file, absolute. */
  readonly configFile: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/**
 * Remembers a cluster; the time of its creation stays, and so do nodes that are not asked for any more, until they are
 * forgotten. Errors: `state-unwritable`.
 */
export async function writeClusterRecord(paths: ClusterPaths, cluster: Cluster, configFile: string): Promise<void> {
  // A damaged one has nothing to keep.
  const before = await readClusterRecord(paths).catch(() => undefined);
  const now = new Date().toISOString();
  const wanted = new Set(cluster.nodes.map(({ name }) => name));
  const known = new Map(
    [...(before?.departing ?? []), ...(before?.cluster.nodes ?? [])].map((node) => [node.name, node]),
  );
  await write(paths, {
    cluster,
    departing: [...known.values()].filter(({ name }) => !wanted.has(name)),
    configFile: resolve(configFile),
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
  });
}

/** Forgets nodes that have left and whose machines were seen to. Errors: `state-invalid`, `state-unwritable`. */
export async function forgetNodes(paths: ClusterPaths, names: ReadonlySet<string>): Promise<void> {
  const record = await readClusterRecord(paths);
  if (record === undefined || !record.departing.some(({ name }) => names.has(name))) return;
  await write(paths, { ...record, departing: record.departing.filter(({ name }) => !names.has(name)) });
}

async function write(paths: ClusterPaths, record: ClusterRecord): Promise<void> {
  await writeFileAtomically(paths.record, `${JSON.stringify({ version: VERSION, ...record }, undefined, 2)}\n`, {
    doing: `write the record of ${record.cluster.name}`,
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
  const { cluster, departing, configFile, createdAt, updatedAt } = check(recordSchema, text, paths.record);
  return { cluster, departing, configFile, createdAt, updatedAt };
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
  // Records of the first version have none.
  departing: z.array(nodeSchema).readonly().default([]),
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
