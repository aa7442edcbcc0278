import { randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../../transport/program.js';
import type { Compression } from '../oci/image.js';
import { writeSegments } from '../oci/segment.js';
import { buildFailed } from './go-command.js';

/**
 * Compresses layers with the zstd program into files in `directory`. A node imports them as fast as uncompressed ones
 * and has a quarter of the bytes to receive and store (docs/decisions/artifacts.md has the measurement). One
 * thread, since several give other bytes.
 */
export function zstd(directory: string, signal: AbortSignal): Compression {
  return {
    suffix: '+zstd',
    async compress(layer) {
      const plain = join(directory, `${randomUUID()}.tar`);
      const path = `${plain}.zst`;
      await writeSegments(layer, plain, signal);
      const args = ['--quiet', '-6', '--single-thread', '-o', path, plain];
      const result = await runProgram('zstd', args, { signal });
      if (result.code !== 0) throw buildFailed('compress a layer', `zstd ${args.join(' ')}`, result);
      await rm(plain);
      return { path, size: (await stat(path)).size };
    },
  };
}
