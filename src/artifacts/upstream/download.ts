import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pRetry from 'p-retry';
import { KubewrightError } from '../../core/errors.js';
import type { HttpClient, HttpResponse } from './http-client.js';
import { httpFailure, statusFailure } from './http-errors.js';
import { continues, type Partial, partialOf, removePartial, unfinished, validatorOf } from './partial.js';

export interface DownloadRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Where the file goes, complete and verified or not at all. */
  readonly destination: string;
  /** Where an unfinished transfer is kept, to go on from: in the file system of `destination`. */
  readonly partialDirectory: string;
  /** Hex. Absent only where nobody knows the sum and the caller takes what it gets (and records it). */
  readonly sha256?: string | undefined;
  readonly size?: number | undefined;
  readonly signal: AbortSignal;
  readonly onBytes?: ((done: number, total: number | undefined) => void) | undefined;
  /** Default 30 s. */
  readonly stallMs?: number | undefined;
  /** Tries after the first, for failures that may pass. Default 4. */
  readonly retries?: number | undefined;
  /** Wait before the first retry, doubled each time. Default 500 ms. */
  readonly retryDelayMs?: number | undefined;
}

export interface Downloaded {
  readonly sha256: string;
  readonly size: number;
}

/**
 * Fetches a file: goes on with an unfinished transfer (Range with If-Range, RFC 9110 section 13.1.5), hashes while
 * it arrives, checks size and sha256, and renames it into place. A wrong sum removes it and rejects with
 * `artifact-checksum`; a full disk leaves nothing and rejects with `disk-full`.
 */
export async function download(client: HttpClient, request: DownloadRequest): Promise<Downloaded> {
  const partial = partialOf(request.url, request.partialDirectory);
  await mkdir(request.partialDirectory, { recursive: true });
  await mkdir(dirname(request.destination), { recursive: true });
  const downloaded = await pRetry(() => attempt(client, request, partial), {
    retries: request.retries ?? 4,
    minTimeout: request.retryDelayMs ?? 500,
    shouldRetry: ({ error }) => error instanceof KubewrightError && error.retryable,
    signal: request.signal,
  }).catch((error: unknown) => {
    throw httpFailure(request.url, error, { signal: request.signal, stallMs: 0 });
  });
  await rename(partial.file, request.destination);
  await rm(partial.validator, { force: true });
  return downloaded;
}

async function attempt(client: HttpClient, request: DownloadRequest, partial: Partial): Promise<Downloaded> {
  const begun = await unfinished(partial);
  const response = await client.get(request.url, {
    ...request,
    headers: { ...request.headers, ...(begun && { range: `bytes=${begun.size}-`, 'if-range': begun.validator }) },
  });
  if (begun !== undefined && response.status === 416) {
    // Nothing after what is there: it is complete, or it is longer than the file. Once more, from the beginning.
    response.body.destroy();
    await removePartial(partial);
    return attempt(client, request, partial);
  }
  if (response.status !== 200 && response.status !== 206) {
    response.body.destroy();
    throw statusFailure(response.url, response.status);
  }
  const resumed = begun !== undefined && response.status === 206 && continues(response, begun.size);
  const hash = createHash('sha256');
  if (resumed) await pipeline(createReadStream(partial.file), hash, { end: false });
  else await removePartial(partial);

  const size = await receive(response, request, partial, hash, resumed ? begun.size : 0);
  const sha256 = hash.digest('hex');
  if (request.sha256 !== undefined && sha256 !== request.sha256) {
    await removePartial(partial);
    // The beginning may stem from another file than the end: that is no verdict on the server yet.
    if (resumed) return attempt(client, request, partial);
    throw wrongSum(request, sha256);
  }
  return { sha256, size };
}

async function receive(
  response: HttpResponse,
  request: DownloadRequest,
  partial: Partial,
  hash: Hash,
  offset: number,
): Promise<number> {
  const length = response.headers['content-length'];
  const total = length === undefined ? request.size : offset + Number(length);
  if (request.size !== undefined && total !== undefined && total !== request.size) {
    response.body.destroy();
    await removePartial(partial);
    throw wrongSize(request, total);
  }
  const validator = validatorOf(response);
  if (validator !== undefined) await writeFile(partial.validator, validator);
  let done = offset;
  try {
    await using file = await open(partial.file, offset === 0 ? 'w' : 'a');
    // Chunk by chunk: of a transfer that breaks off, all that came is in the file.
    for await (const chunk of response.body) {
      done += chunk.length;
      if (request.size !== undefined && done > request.size) throw wrongSize(request, done);
      await file.writeFile(chunk);
      hash.update(chunk);
      request.onBytes?.(done, total);
    }
  } catch (error) {
    if (isDiskFull(error)) {
      await removePartial(partial);
      throw diskFull(request, error);
    }
    throw httpFailure(response.url, error, { signal: request.signal, stallMs: request.stallMs ?? 30_000 });
  }
  if (total !== undefined && done !== total) throw cut(request, done, total);
  return done;
}

function wrongSum(request: DownloadRequest, found: string): KubewrightError {
  return new KubewrightError(
    'artifact-checksum',
    `${request.url} has sha256 ${found}, expected ${request.sha256}; it was removed`,
    {
      hint: 'A proxy or a mirror may have changed it, or answered with a page of its own. Try another network or mirror.',
    },
  );
}

function wrongSize(request: DownloadRequest, found: number): KubewrightError {
  return new KubewrightError('artifact-checksum', `${request.url} has ${found} bytes, expected ${request.size}`, {
    hint: 'A proxy or a mirror may have changed it. Try another network or mirror.',
  });
}

function cut(request: DownloadRequest, done: number, total: number): KubewrightError {
  return new KubewrightError(
    'artifact-unreachable',
    `the transfer of ${request.url} ended after ${done} of ${total} bytes`,
    {
      hint: 'What has arrived is kept: the same command goes on from there.',
      retryable: true,
    },
  );
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

function diskFull(request: DownloadRequest, cause: unknown): KubewrightError {
  return new KubewrightError('disk-full', `no space left in ${request.partialDirectory} for ${request.url}`, {
    hint: 'Free some, or let KUBEWRIGHT_CACHE_DIR name a folder on a larger disk.',
    cause,
  });
}
