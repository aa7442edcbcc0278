import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../state/atomic-file.js';
import { intactSeals, type Seal } from './blobs.js';
import { LockedArtifact } from './locked-artifact.js';

/**
 * One piece of a payload that is obtained at one go and remembered on its own: a download, an image, a component
 * that is built. An interrupted run goes on with the units that are not remembered yet.
 */
export interface Unit {
  /** "kubelet 1.36.3": for people. */
  readonly title: string;
  /** Everything that shapes the result, as plain data: the same key means the same result. */
  readonly key: object;
  /** Bytes of free space that making it takes, roughly. */
  readonly space: number;
  make(context: UnitContext): Promise<UnitResult>;
}

export interface UnitContext {
  /** An empty folder of the unit's own in the file system of the cache; removed afterwards. */
  readonly directory: string;
  readonly cacheDirectory: string;
  readonly signal: AbortSignal;
  /** What is being done right now, for the progress line. */
  readonly onStep: (what: string) => void;
  /** A line of a program's output. */
  readonly onLine: (line: string) => void;
  /** Bytes of a download that have arrived, and how many it has in all where that is known. */
  readonly onBytes: (name: string, done: number, total: number | undefined) => void;
}

const SealSchema = z.object({ sha256: z.string(), size: z.number(), mtimeMs: z.number() });

const UnitResultSchema = z.object({
  /** By payload name: "kubelet", "cni/bridge". */
  files: z.record(z.string(), SealSchema),
  /** By payload name: the OCI archive, and the digest of its manifest. */
  images: z.record(z.string(), SealSchema.extend({ digest: z.string() })),
  /** What artifacts.lock records of it. */
  locked: z.array(LockedArtifact),
});

export type UnitResult = z.infer<typeof UnitResultSchema>;

/** The remembered result of a unit, if every file of it is still intact. */
export async function rememberedResult(
  cacheDirectory: string,
  unit: Unit,
  signal: AbortSignal,
): Promise<UnitResult | undefined> {
  const text = await readFile(recordPath(cacheDirectory, unit), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const result = parseResult(text);
  return result && withIntactFiles(cacheDirectory, result, signal);
}

/** A result with its seals brought up to date, or undefined where a file of it is missing or damaged. */
export async function withIntactFiles(
  cacheDirectory: string,
  result: UnitResult,
  signal: AbortSignal,
): Promise<UnitResult | undefined> {
  const seals = await intactSeals(cacheDirectory, sealsOf(result), signal);
  if (seals === undefined) return undefined;
  const current = new Map(seals.map((seal) => [seal.sha256, seal.mtimeMs]));
  const refresh = <Sealed extends Seal>(sealed: Sealed): Sealed => ({
    ...sealed,
    mtimeMs: current.get(sealed.sha256) ?? sealed.mtimeMs,
  });
  return {
    files: mapValues(result.files, refresh),
    images: mapValues(result.images, refresh),
    locked: result.locked,
  };
}

/** Remembers what making a unit gave. */
export async function rememberResult(cacheDirectory: string, unit: Unit, result: UnitResult): Promise<void> {
  await writeFileAtomically(recordPath(cacheDirectory, unit), JSON.stringify(result), {
    doing: 'remember an artifact',
  });
}

/** Several results as one. */
export function mergeResults(results: readonly UnitResult[]): UnitResult {
  return {
    files: Object.assign({}, ...results.map((result) => result.files)),
    images: Object.assign({}, ...results.map((result) => result.images)),
    locked: results.flatMap((result) => result.locked),
  };
}

/** Reads a result as it was written; undefined where it is none (a foreign or an older file). */
export function parseResult(text: string): UnitResult | undefined {
  try {
    return UnitResultSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** A short name for plain data: the same data has the same name. */
export function keyName(key: object): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 16);
}

function sealsOf(result: UnitResult): readonly Seal[] {
  return [...Object.values(result.files), ...Object.values(result.images)];
}

function recordDirectory(cacheDirectory: string): string {
  return join(cacheDirectory, 'units');
}

function recordPath(cacheDirectory: string, unit: Unit): string {
  const name = unit.title.replaceAll(/[^A-Za-z0-9.-]+/g, '-');
  return join(recordDirectory(cacheDirectory), `${name}-${keyName(unit.key)}.json`);
}

function mapValues<Value>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
