import { Agent, request as httpsRequest } from 'node:https';
import { KubewrightError } from '../core/errors.js';

/**
 * A client for the few questions kubewright asks the API server itself (is it alive, which nodes are
 * there, is the network rolled out). Everything a person could want of it goes through kubectl instead.
 * The server's certificate is always verified against `ca`; `close` ends the kept-alive connections.
 */
export interface KubeClient extends Disposable {
  readonly server: string;
  /** GET; resolves with the parsed body, or undefined where the object does not exist (404). */
  get<T>(path: string, signal: AbortSignal): Promise<T | undefined>;
  /** Strategic merge patch. */
  patch(path: string, body: unknown, signal: AbortSignal): Promise<void>;
  /** DELETE; an object that does not exist (404) counts as done. */
  delete(path: string, signal: AbortSignal): Promise<void>;
  /** POST of a new object; an object that exists already (409) counts as done. */
  create(path: string, body: unknown, signal: AbortSignal): Promise<void>;
}

export interface ClientCredentials {
  /** PEM. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export interface ClientOptions {
  /** "https://10.0.0.11:6443". */
  readonly server: string;
  /** The name the server's certificate is checked for, when it is not the server's own host. */
  readonly serverName?: string | undefined;
  readonly credentials: ClientCredentials;
  /** Deadline of one request in milliseconds. Default 10 000. */
  readonly timeoutMs?: number | undefined;
}

/** A client of one API server, with keep-alive. Disposing of it closes its connections. */
export function kubeClient(options: ClientOptions): KubeClient {
  const { ca, certificate, key } = options.credentials;
  const agent = new Agent({
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    ca,
    cert: certificate,
    key,
    ...(options.serverName === undefined ? {} : { servername: options.serverName }),
  });
  const send = (method: string, path: string, signal: AbortSignal, body?: unknown, contentType?: string) =>
    sendRequest({ agent, options, method, path, signal, body, contentType });
  return {
    server: options.server,
    async get<T>(path: string, signal: AbortSignal): Promise<T | undefined> {
      const answer = await send('GET', path, signal);
      if (answer.status === 404) return undefined;
      return JSON.parse(accepted(answer, options.server, 'GET', path).body) as T;
    },
    async patch(path, body, signal) {
      const answer = await send('PATCH', path, signal, body, 'application/strategic-merge-patch+json');
      accepted(answer, options.server, 'PATCH', path);
    },
    async delete(path, signal) {
      const answer = await send('DELETE', path, signal);
      if (answer.status !== 404) accepted(answer, options.server, 'DELETE', path);
    },
    async create(path, body, signal) {
      const answer = await send('POST', path, signal, body, 'application/json');
      if (answer.status !== 409) accepted(answer, options.server, 'POST', path);
    },
    [Symbol.dispose]() {
      agent.destroy();
    },
  };
}

const BROKEN: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

/** Hundreds of nodes that join at once ask over few connections: a handshake costs more than a question. */
const MAX_SOCKETS = 16;

interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Sending {
  readonly agent: Agent;
  readonly options: ClientOptions;
  readonly method: string;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
}

/**
 * A kept connection that the server, or a load balancer in between, has closed meanwhile shows only when it is used:
 * the request is sent again over another. All that is asked here may be asked twice.
 */
function sendRequest(sending: Sending): Promise<Answer> {
  const { agent, options, method, path, signal, body, contentType } = sending;
  const timeoutMs = options.timeoutMs ?? 10_000;
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      `${options.server}${path}`,
      {
        method,
        agent,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        headers: {
          accept: 'application/json',
          'user-agent': 'kubewright',
          ...(payload === undefined
            ? {}
            : { 'content-type': contentType, 'content-length': Buffer.byteLength(payload) }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
        });
      },
    );
    request.on('error', (cause) => {
      if (signal.aborted) {
        reject(signal.reason instanceof Error ? signal.reason : cause);
        return;
      }
      if (request.reusedSocket && BROKEN.has((cause as NodeJS.ErrnoException).code ?? '')) {
        resolve(sendRequest(sending));
        return;
      }
      const why = cause.name === 'AbortError' ? `no answer within ${timeoutMs / 1000} s` : cause.message;
      reject(
        new KubewrightError('api-unreachable', `The API server ${options.server} could not be reached: ${why}`, {
          cause,
          retryable: true,
        }),
      );
    });
    request.end(payload);
  });
}

function accepted(answer: Answer, server: string, method: string, path: string): Answer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new KubewrightError(
    'api-refused',
    `The API server ${server} answered ${answer.status} to ${method} ${path}: ${reasonOf(answer.body)}`,
    { retryable: answer.status >= 500 || answer.status === 429 },
  );
}

/** The `message` of a Kubernetes Status object, else the body's beginning. */
function reasonOf(body: string): string {
  try {
    const status: unknown = JSON.parse(body);
    if (typeof status === 'object' && status !== null && 'message' in status) return String(status.message);
  } catch {
    // not JSON: a proxy's page or an empty body
  }
  return body.slice(0, 200) || 'an empty body';
}
