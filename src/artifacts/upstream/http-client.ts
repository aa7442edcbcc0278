import type { Readable } from 'node:stream';
import { type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { httpFailure, unencryptedRedirect } from './http-errors.js';

/** GET requests through the proxies that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name. */
export interface HttpClient extends AsyncDisposable {
  /**
   * Resolves with any answer once its head is there, redirects followed; rejects with a KubewrightError where
   * there is none. The body must be read or destroyed.
   */
  get(url: string, options: GetOptions): Promise<HttpResponse>;
}

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds without a byte, of the head or the body, after which a server counts as stalled. Default 30 s. */
  readonly stallMs?: number | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
  /** The address that answered, after redirects. */
  readonly url: string;
}

/** A client with connections of its own, closed when it is disposed of. */
export function openHttpClient(): HttpClient {
  // Plain http goes to a proxy as a request, as other programs do it: many proxies tunnel to port 443 only.
  const dispatcher = new EnvHttpProxyAgent({ proxyTunnel: false, connect: { timeout: CONNECT_MS } });
  return {
    get: (url, options) => get(dispatcher, url, options),
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy();
    },
  };
}

const CONNECT_MS = 10_000;
const STALL_MS = 30_000;
const MAX_REDIRECTS = 8;

async function get(dispatcher: Dispatcher, url: string, options: GetOptions): Promise<HttpResponse> {
  let current = new URL(url);
  let headers = { ...options.headers };
  for (let redirects = 0; ; redirects += 1) {
    const response = await once(dispatcher, current, headers, options);
    const { location } = response.headers;
    if (response.status < 300 || response.status >= 400 || location === undefined || redirects === MAX_REDIRECTS) {
      return response;
    }
    response.body.destroy();
    const next = new URL(location, current);
    if (current.protocol === 'https:' && next.protocol !== 'https:') throw unencryptedRedirect(url, next.href);
    // A token for one server is nobody else's business.
    if (next.origin !== current.origin) headers = without(headers, 'authorization');
    current = next;
  }
}

async function once(
  dispatcher: Dispatcher,
  url: URL,
  headers: Readonly<Record<string, string>>,
  options: GetOptions,
): Promise<HttpResponse> {
  const stallMs = options.stallMs ?? STALL_MS;
  try {
    const response = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'GET',
      headers: { 'user-agent': 'kubewright', 'accept-encoding': 'identity', ...headers },
      signal: options.signal,
      headersTimeout: stallMs,
      bodyTimeout: stallMs,
    });
    // Errors of the body are the reader's; without a listener one that comes before the reading would end the process.
    response.body.on('error', () => {});
    return { status: response.statusCode, headers: flat(response.headers), body: response.body, url: url.href };
  } catch (error) {
    throw httpFailure(url.href, error, { signal: options.signal, stallMs });
  }
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const pairs = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

function without(headers: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key.toLowerCase() !== name));
}
