import { KubewrightError } from '../../core/errors.js';
import { fetchText } from './fetch-text.js';
import type { HttpClient } from './http-client.js';

/**
 * The sha256 that upstream publishes beside a file, in either usual form: the bare sum (dl.k8s.io), or lines of
 * "sum  file name" (sha256sum(1)), of which the one that names `fileName` counts.
 */
export async function publishedSum(
  client: HttpClient,
  url: string,
  fileName: string,
  signal: AbortSignal,
): Promise<string> {
  const text = await fetchText(client, url, { signal, maxBytes: 64 * 1024 });
  const sum = parsePublishedSum(text, fileName);
  if (sum !== undefined) return sum;
  throw new KubewrightError('artifact-invalid', `${url} holds no sha256 of ${fileName}`, {
    hint: 'A login page of a proxy, or a mirror with another layout, may have answered instead.',
    output: text.split('\n').slice(0, 3),
  });
}

/** The sum of `fileName` in a published list, lower case; undefined where there is none. */
export function parsePublishedSum(text: string, fileName: string): string | undefined {
  const lines = text.trim().split('\n');
  const bare = lines.length === 1 ? /^[0-9a-f]{64}$/i.exec(lines[0]?.trim() ?? '')?.[0] : undefined;
  if (bare !== undefined) return bare.toLowerCase();
  for (const line of lines) {
    const [, sum, name] = /^([0-9a-f]{64})\s+\*?(.+?)\s*$/i.exec(line) ?? [];
    if (sum !== undefined && name?.replace(/^.*\//, '') === fileName) return sum.toLowerCase();
  }
  return undefined;
}
