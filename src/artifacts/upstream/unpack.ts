import { join } from 'node:path';
import { extract } from 'tar';
import { KubewrightError } from '../../core/errors.js';

/**
 * Takes regular files out of a (gzipped) tar archive, and nothing else: what an archive holds besides, or by which
 * names it tries to leave the folder, does not matter. Gives the path of each, in `directory`.
 */
export async function unpackFiles(
  archive: string,
  wanted: readonly string[],
  directory: string,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const names = new Set(wanted);
  try {
    await extract({
      file: archive,
      cwd: directory,
      strict: true,
      filter: (path, entry) => {
        const name = path.replace(/^\.?\//, '');
        if (!names.has(name) || !('type' in entry) || entry.type !== 'File') return false;
        found.set(name, join(directory, name));
        return true;
      },
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new KubewrightError('artifact-invalid', `${archive} cannot be unpacked: ${why}`, { cause: error });
  }
  return found;
}
