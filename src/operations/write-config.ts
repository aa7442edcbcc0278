import { readFile, stat } from 'node:fs/promises';
import { KubewrightError } from '../core/errors.js';
import { writeFileAtomically } from '../state/atomic-file.js';

/**
 * Writes an edited config, whole or not at all, in place of the text that it was edited from. The file's mode stays, and
 * a symbolic link leads to it as before. Errors: `edit-impossible` when the file is not what it was, `file-not-writable`.
 */
export async function writeConfig(file: string, text: string, before: string): Promise<void> {
  try {
    const { mode } = await stat(file);
    if ((await readFile(file, 'utf8')) !== before) throw changed(file);
    if (text !== before) await writeFileAtomically(file, text, { mode: mode & 0o7777 });
  } catch (cause) {
    if (cause instanceof KubewrightError && cause.code === 'edit-impossible') throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KubewrightError('file-not-writable', `${file} could not be written: ${why}`, { cause });
  }
}

function changed(file: string): KubewrightError {
  return new KubewrightError('edit-impossible', `${file} was changed by somebody else meanwhile`, {
    hint: 'Look at it, then run the same command again.',
  });
}
