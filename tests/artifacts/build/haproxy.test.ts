import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { blobPath } from '../../../src/artifacts/blobs.js';
import { haproxyUnit } from '../../../src/artifacts/build/haproxy-unit.js';
import { makeUnits } from '../../../src/artifacts/make-units.js';
import { freePort } from '../../rig/sshd.js';
import { temporaryFolder } from '../../state/folder.js';
import { zstdMissing } from './module-proxy.js';

const signal = new AbortController().signal;
const REF = 'docker.io/library/haproxy:3.2.21-alpine';
const ARCH = process.arch === 'arm64' ? 'arm64' : 'amd64';
const haproxyMissing = existsSync('/usr/sbin/haproxy') ? undefined : 'haproxy is not installed';
const opensslMissing = existsSync('/usr/bin/openssl') ? undefined : 'openssl is not installed';

describe('the image of haproxy', () => {
  beforeEach((context) => {
    context.skip(haproxyMissing !== undefined, haproxyMissing);
    context.skip(zstdMissing !== undefined, zstdMissing);
  });

  test("is the same every time, under upstream's name, and its key names the version", async () => {
    const [one, two] = [await buildImage(), await buildImage()];
    expect(one.image.digest).toBe(two.image.digest);
    expect(one.image.sha256).toBe(two.image.sha256);
    expect(one.image.size).toBeLessThan(12_000_000);
    const toolchain = expect.stringMatching(/^haproxy \d+\.\d+\S*, files [0-9a-f]{12}, zstd 1$/);
    expect(one.unit.key).toMatchObject({ ref: REF, toolchain });
    expect(one.locked).toEqual([
      {
        ...{ name: 'haproxy', version: '3.2.21-alpine', arch: ARCH, source: 'build' },
        ...{ toolchain, digest: one.image.digest },
      },
    ]);
    const { index, config } = unpackArchive(one.path);
    expect(index.manifests[0].annotations['io.containerd.image.name']).toBe(REF);
    expect(config.config.Entrypoint).toEqual(['/usr/local/sbin/haproxy', '-W', '-db']);
    expect(config.config.Env[0]).toMatch(/^PATH=\/usr\/local\/sbin:/);
  });

  test('balances TLS connections and leaves a server that is not ready, alone in a root and without rights', async (context) => {
    context.skip(process.getuid?.() !== 0, 'chroot needs root');
    context.skip(opensslMissing !== undefined, opensslMissing);
    const { root } = unpackArchive((await buildImage()).path);
    const certificate = selfSigned();
    const [one, two] = [await apiServer('one', certificate), await apiServer('two', certificate)];
    const port = await freePort();
    writeFileSync(join(root, 'usr/local/etc/haproxy/haproxy.cfg'), balancer(port, [one.port, two.port]));
    writeFileSync(join(root, 'usr/local/etc/haproxy/ca.crt'), certificate.cert);
    // What a service manager brings with /dev: haproxy 3.2 opens it at start.
    execFileSync('mknod', ['-m', '666', join(root, 'dev/null'), 'c', '1', '3']);
    const files = () => readdirSync(root, { recursive: true, encoding: 'utf8' });
    const before = files();
    startIn(root);

    const client = new Agent({ keepAlive: true, maxSockets: 1, ca: certificate.cert });
    onTestFinished(() => client.destroy());
    const first = await vi.waitFor(() => ask(port, client), WAIT);
    const [used, other] = first === 'one' ? [one, two] : [two, one];
    const ended = vi.fn();
    for (const socket of Object.values(client.freeSockets).flat()) socket?.once('close', ended);
    used.ready = false;
    // Its connections are cut, the next one goes to the other.
    await vi.waitFor(() => expect(ended).toHaveBeenCalled(), WAIT);
    expect(await ask(port, client)).toBe(other.name);
    expect(files()).toEqual(before);
  });
});

/** What a node's balancer needs of haproxy: nothing here wants a user, a folder to write in, or a name to look up. */
function balancer(port: number, servers: readonly number[]): string {
  return `global
  log stdout format raw local0
  maxconn 4000

defaults
  mode tcp
  log global
  option dontlognull
  timeout connect 2s
  timeout client 1h
  timeout server 1h
  timeout check 2s

listen api
  bind 127.0.0.1:${port}
  balance leastconn
  option httpchk
  http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host kubernetes
  http-check expect status 200
  default-server check check-ssl verify required ca-file /usr/local/etc/haproxy/ca.crt inter 200ms fall 2 rise 1 on-marked-down shutdown-sessions
${servers.map((each, index) => `  server cp-${index + 1} 127.0.0.1:${each}`).join('\n')}
`;
}

/** Runs haproxy in the image's own root as a user who may write nowhere, until the test ends. */
function startIn(root: string): void {
  const haproxy = ['/usr/local/sbin/haproxy', '-db', '-f', '/usr/local/etc/haproxy/haproxy.cfg'];
  const child = spawn('chroot', ['--userspec=65534:65534', root, ...haproxy], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(String(chunk)));
  onTestFinished(({ task }) => {
    child.kill('SIGKILL');
    if (task.result?.state === 'fail') process.stderr.write(said.join(''));
  });
}

/** A server that says its name, and on /readyz whether it is ready, as an API server does. */
async function apiServer(name: string, { key, cert }: Certificate) {
  const api = { name, ready: true, port: 0 };
  const server = createServer({ key, cert }, (request, response) => {
    response.writeHead(request.url === '/readyz' && !api.ready ? 500 : 200).end(name);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  api.port = (server.address() as AddressInfo).port;
  return api;
}

/** The name of the server that answers behind the balancer. */
function ask(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent }, async (response) => {
      resolve((await response.setEncoding('utf8').toArray()).join(''));
    }).once('error', reject);
  });
}

const WAIT = { timeout: 10_000, interval: 50 };

interface Certificate {
  readonly key: string;
  readonly cert: string;
}

function selfSigned(): Certificate {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(temporaryFolder(), name));
  const names = 'subjectAltName=IP:127.0.0.1,DNS:kubernetes';
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=test',
      '-addext',
      names,
      '-keyout',
      `${key}`,
      '-out',
      `${cert}`,
    ],
    { stdio: 'ignore' },
  );
  return { key: readFileSync(`${key}`, 'utf8'), cert: readFileSync(`${cert}`, 'utf8') };
}

/** The image as a build makes it, in a cache of its own. */
async function buildImage() {
  const unit = await haproxyUnit(REF, { arch: ARCH, zstd: 'zstd 1', signal });
  const cacheDirectory = temporaryFolder();
  const made = await makeUnits([unit], { cacheDirectory, atOnce: 1, signal, report: () => {}, progress: 'items' });
  const image = made.images['haproxy'] ?? expect.fail('no image');
  return { unit, image, locked: made.locked, path: blobPath(cacheDirectory, image.sha256) };
}

/** What is in an OCI archive of one layer: its index, its config, and its files as a root file system. */
function unpackArchive(archive: string) {
  const folder = temporaryFolder();
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  const blob = (digest: string) => join(folder, 'blobs', digest.replace(':', '/'));
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
  const index = read(join(folder, 'index.json'));
  const manifest = read(blob(index.manifests[0].digest));
  const root = join(folder, 'root');
  mkdirSync(root);
  execFileSync('tar', ['--zstd', '-xpf', blob(manifest.layers[0].digest), '-C', root]);
  return { index, config: read(blob(manifest.config.digest)), root };
}
