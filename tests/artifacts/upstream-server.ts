import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A real HTTP server on loopback with files that are served as upstream's servers do: ETag, Range, If-Range. */
export interface UpstreamServer {
  /** "http://127.0.0.1:12345" */
  readonly url: string;
  readonly host: string;
  /** Every request, in order. */
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  put(path: string, content: string | Uint8Array, headers?: Readonly<Record<string, string>>): void;
  remove(path: string): void;
  /** Answers the next request for a path in its own way; several are taken one after the other. */
  once(path: string, answer: Answer): void;
  /** Answers every request for a path in its own way, after those of `once`. */
  always(path: string, answer: Answer): void;
  forget(): void;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export async function upstreamServer(): Promise<UpstreamServer> {
  const files = new Map<string, { content: Buffer; headers: Readonly<Record<string, string>> }>();
  const special = new Map<string, Answer[]>();
  const constant = new Map<string, Answer>();
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push({ path, headers: request.headers });
    const answer = special.get(path)?.shift() ?? constant.get(path);
    if (answer !== undefined) return answer(request, response);
    const file = files.get(path);
    if (file === undefined) return void response.writeHead(404).end('not found');
    serve(request, response, file.content, file.headers);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    requests,
    put: (path, content, headers = {}) => void files.set(path, { content: Buffer.from(content), headers }),
    remove: (path) => void files.delete(path),
    once: (path, answer) => void special.set(path, [...(special.get(path) ?? []), answer]),
    always: (path, answer) => void constant.set(path, answer),
    forget: () => void requests.splice(0),
  };
}

/** Sends the head and the first bytes of a file, then `end`s it in some way. */
export function sendPart(content: Buffer, bytes: number, end: (response: ServerResponse) => void): Answer {
  return (_, response) => {
    response.writeHead(200, { 'content-length': content.length, etag: etagOf(content) });
    response.write(content.subarray(0, bytes), () => end(response));
  };
}

export function etagOf(content: Uint8Array): string {
  return `"${sha256(content).slice(0, 20)}"`;
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function serve(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  headers: Readonly<Record<string, string>>,
): void {
  const etag = etagOf(content);
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined || request.headers['if-range'] !== etag) {
    response.writeHead(200, { 'content-length': content.length, etag, ...headers }).end(content);
    return;
  }
  const start = Number(from);
  if (start >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const rest = content.subarray(start);
  const range = `bytes ${start}-${content.length - 1}/${content.length}`;
  response.writeHead(206, { 'content-length': rest.length, 'content-range': range, etag, ...headers }).end(rest);
}
