import { createHash } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { HttpResponse } from './http-client.js';

/** A transfer that is not complete: what came, and what tells whether the rest still belongs to it. */
export interface Partial {
  readonly file: string;
  /** Holds the ETag or date by which the server tells whether the file is still the same. */
  readonly validator: string;
}

/** The place of an unfinished transfer of this address. */
export function partialOf(url: string, directory: string): Partial {
  const name = `${createHash('sha256').update(url).digest('hex').slice(0, 12)}-${basename(new URL(url).pathname)}`;
  const file = join(directory, `${name.slice(0, 100)}.partial`);
  return { file, validator: `${file}.validator` };
}

/** An earlier transfer that can be gone on with: some bytes, and a validator to make sure of the rest. */
export async function unfinished(partial: Partial): Promise<{ size: number; validator: string } | undefined> {
  const found = await stat(partial.file).catch(() => undefined);
  const validator = await readFile(partial.validator, 'utf8').catch(() => '');
  return found !== undefined && found.size > 0 && validator !== '' ? { size: found.size, validator } : undefined;
}

/** Only a strong ETag or a date may stand in If-Range. */
export function validatorOf(response: HttpResponse): string | undefined {
  const etag = response.headers['etag'];
  return etag?.startsWith('"') ? etag : response.headers['last-modified'];
}

/** Does a 206 answer begin where the transfer ended? */
export function continues(response: HttpResponse, offset: number): boolean {
  return response.headers['content-range']?.startsWith(`bytes ${offset}-`) ?? false;
}

/** Forgets an unfinished transfer. */
export async function removePartial(partial: Partial): Promise<void> {
  await rm(partial.file, { force: true });
  await rm(partial.validator, { force: true });
}
