import pRetry from 'p-retry';
import { KubewrightError } from '../../core/errors.js';
import type { HttpClient, HttpResponse } from './http-client.js';
import { httpFailure, statusFailure } from './http-errors.js';

export interface FetchTextOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  /** Wait before the first retry, doubled each time. Default 500 ms. */
  readonly retryDelayMs?: number | undefined;
}

/** Fetches a small text. Rejects where the answer is no success or longer than `maxBytes`. */
export async function fetchText(client: HttpClient, url: string, options: FetchTextOptions): Promise<string> {
  const { status, text } = await fetchSmall(client, url, options);
  if (status !== 200) throw statusFailure(url, status);
  return text;
}

export interface SmallAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Fetches a small answer, whatever its status; failures of the network and of the server are retried. */
export async function fetchSmall(client: HttpClient, url: string, options: FetchTextOptions): Promise<SmallAnswer> {
  const attempt = async (): Promise<SmallAnswer> => {
    const response = await client.get(url, options);
    if (response.status >= 500 || response.status === 429) {
      response.body.destroy();
      throw statusFailure(url, response.status);
    }
    return { status: response.status, headers: response.headers, text: await readText(response, url, options) };
  };
  return pRetry(attempt, {
    retries: 3,
    minTimeout: options.retryDelayMs ?? 500,
    shouldRetry: ({ error }) => error instanceof KubewrightError && error.retryable,
    signal: options.signal,
  }).catch((error: unknown) => {
    throw httpFailure(url, error, { signal: options.signal, stallMs: 0 });
  });
}

async function readText(response: HttpResponse, url: string, options: FetchTextOptions): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size > options.maxBytes) {
        throw new KubewrightError('artifact-invalid', `${url} is longer than ${options.maxBytes} bytes`, {
          hint: 'A page of a proxy may have answered instead.',
        });
      }
      chunks.push(bytes);
    }
  } catch (error) {
    throw httpFailure(url, error, { signal: options.signal, stallMs: 30_000 });
  }
  return Buffer.concat(chunks).toString('utf8');
}
