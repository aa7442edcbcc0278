import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import { type KubeconfigEntry, renderKubeconfig } from '../../../src/kube/kubeconfig.js';
import { temporaryFolder } from '../../state/folder.js';

/** A CA that is its own server's certificate, and the credentials that go with it. */
export interface Authority {
  readonly credentials: KubeconfigEntry['credentials'];
  readonly adminConf: string;
}

/** Makes one with openssl, for 127.0.0.1. */
export async function newAuthority(): Promise<Authority> {
  const folder = temporaryFolder();
  const [key, certificate] = [join(folder, 'key'), join(folder, 'crt')];
  await execa('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate],
  ]);
  const pem = await readFile(certificate, 'utf8');
  const credentials = { ca: pem, certificate: pem, key: await readFile(key, 'utf8') };
  const adminConf = renderKubeconfig({ name: 'demo', server: 'https://127.0.0.1:7443', credentials });
  return { credentials, adminConf };
}

/** Answers of an API server by path; a number is the status of a refusal, and what is not there is a 404. */
export type Answers = Readonly<Record<string, object | number>>;

/** An API server on loopback until the test ends; resolves with its port. */
export async function serveApi({ credentials }: Authority, answers: Answers): Promise<number> {
  const { key, certificate } = credentials;
  const server: Server = createServer({ key, cert: certificate }, (request, response) => {
    const answer = answers[request.url ?? ''] ?? 404;
    const [status, body] = typeof answer === 'number' ? [answer, { message: 'no' }] : [200, answer];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
