import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { fileSha256 } from '../blobs.js';
import type { TarEntry } from '../oci/tar.js';

/** A layer that holds programs of this machine, and what tells it from one made of other versions. */
export interface SystemLayer {
  readonly entries: readonly TarEntry[];
  /** "nftables v1.0.6, files 0123456789ab" */
  readonly description: string;
}

/** Files of this machine as entries of a layer (path in the image to path here), and a short sum of paths and content. */
export async function systemFiles(
  files: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<{ readonly entries: readonly TarEntry[]; readonly sum: string }> {
  const content = createHash('sha256');
  const entries: TarEntry[] = [];
  for (const [path, source] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const real = await realpath(source);
    content.update(`${path} ${await fileSha256(real, signal)}\n`);
    entries.push({
      path: path.slice(1),
      type: 'file',
      mode: 0o755,
      content: [{ path: real, size: (await stat(real)).size }],
    });
  }
  return { entries, sum: content.digest('hex').slice(0, 12) };
}
