import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../state/atomic-file.js';
import { parseResult, type UnitResult, withIntactFiles } from './unit.js';

/**
 * What was made of several units, remembered in one file: that a cache is complete is told by one read and a stat a
 * file. Undefined where there is no such record, or a file of it is missing or damaged.
 */
export async function readRecord(
  path: string,
  cacheDirectory: string,
  signal: AbortSignal,
): Promise<UnitResult | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const result = text === undefined ? undefined : parseResult(text);
  if (result === undefined) return undefined;
  const intact = await withIntactFiles(cacheDirectory, result, signal);
  if (intact === undefined) return undefined;
  // A cache that was copied has new times: what was hashed again now is not hashed again next time.
  if (JSON.stringify(intact) !== JSON.stringify(result)) await writeRecord(path, intact);
  return intact;
}

/** Remembers a result that is complete, in place of an earlier one. */
export async function writeRecord(path: string, result: UnitResult): Promise<void> {
  await writeFileAtomically(path, JSON.stringify(result), { doing: 'remember artifacts' });
}
