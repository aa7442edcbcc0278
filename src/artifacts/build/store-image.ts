import { join } from 'node:path';
import { adoptBlob } from '../blobs.js';
import { type ImageContent, makeImage } from '../oci/image.js';
import { writeSegments } from '../oci/segment.js';
import type { UnitContext, UnitResult } from '../unit.js';
import { zstd } from './zstd.js';

/** Makes an image with compressed layers and puts its archive into the cache. */
export async function storeImage(
  name: string,
  content: ImageContent,
  context: UnitContext,
): Promise<UnitResult['images'][string]> {
  const compression = zstd(context.directory, context.signal);
  const image = await makeImage({ ...content, compression }, context.signal);
  const path = join(context.directory, `${name}.tar`);
  const sha256 = await writeSegments(image.archive, path, context.signal);
  return { ...(await adoptBlob(context.cacheDirectory, path, sha256, 0o444)), digest: image.digest };
}
