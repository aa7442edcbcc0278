import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { kubeClient } from '../../../src/kube/client.js';
import { askTunnel } from '../../../src/kube/tunnel/control-client.js';
import { controlSocket, tunnelPlaces } from '../../../src/kube/tunnel/places.js';
import { tunnelPort } from '../../../src/kube/tunnel/port.js';
import { serveTunnel } from '../../../src/kube/tunnel/serve.js';
import { stopTunnel } from '../../../src/kube/tunnel/stop.js';
import { makePki, type Pki } from '../../rig/pki.js';
import { temporaryState } from '../../state/folder.js';
import { keepServers, preparedTunnel, serve } from './rig.js';

let pki: Pki;
beforeAll(() => {
  pki = makePki();
});

const never = new AbortController().signal;

async function servedBy(port: number): Promise<string | undefined> {
  using client = kubeClient({
    server: `https://127.0.0.1:${port}`,
    serverName: 'kubernetes',
    credentials: { ca: pki.ca, ...pki.admin },
  });
  return (await client.get<{ servedBy: string }>('/version', never))?.servedBy;
}

describe('a tunnel', () => {
  test('is the API server on the port that the cluster keeps', async () => {
    const { places } = await preparedTunnel(pki);
    const { status } = await serve(places);
    expect(status).toMatchObject({ cluster: 'demo', pid: process.pid, port: await tunnelPort(places) });
    expect(['a', 'b']).toContain(await servedBy(status?.port ?? 0));
  });

  test('is asked for its status and told to stop through its socket, which nobody else may use', async () => {
    const { places } = await preparedTunnel(pki);
    const { status, end } = await serve(places);
    expect((await stat(controlSocket(places))).isSocket()).toBe(true);
    expect(await askTunnel(places, 'status')).toMatchObject({ pid: process.pid, connections: 0 });
    expect(await stopTunnel(places)).toMatchObject({ port: status?.port });
    expect(await end).toEqual({ why: 'stopped' });
    expect(existsSync(controlSocket(places))).toBe(false);
    expect(await askTunnel(places, 'status')).toBeUndefined();
    expect(await stopTunnel(places)).toBeUndefined();
  });

  test('is found by a second one, which leaves it alone', async () => {
    const { places } = await preparedTunnel(pki);
    const { status } = await serve(places);
    const second = await serve(places);
    expect(await second.end).toMatchObject({ why: 'already', status: { port: status?.port } });
    expect(await askTunnel(places, 'status')).toBeDefined();
  });

  test('is one, of eight that are started at once', async () => {
    const { places } = await preparedTunnel(pki);
    const all = await Promise.all(Array.from({ length: 8 }, () => serve(places)));
    expect(all.filter(({ status }) => status !== undefined)).toHaveLength(1);
  });

  test('takes over the socket of one that was killed', async () => {
    const { places } = await preparedTunnel(pki);
    const path = controlSocket(places);
    const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.stdout.write('x'))`;
    const other = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => other.stdout.once('data', resolve));
    other.kill('SIGKILL');
    await new Promise((resolve) => other.once('exit', resolve));
    expect(existsSync(path)).toBe(true);
    await serve(places);
    expect(await askTunnel(places, 'status')).toMatchObject({ pid: process.pid });
  });

  test('says that its port is taken, and how to choose another', async () => {
    const { places } = await preparedTunnel(pki);
    const port = await tunnelPort(places);
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => void squatter.close());
    await expect(serve(places)).rejects.toMatchObject({
      code: 'tunnel-port-taken',
      message: expect.stringContaining(String(port)),
      hint: expect.stringContaining('--port PORT'),
    });
  });

  test('ends by itself when it was not used for a while', async () => {
    const { places } = await preparedTunnel(pki);
    const { end } = await serve(places, { idleMs: 50 });
    expect(await end).toEqual({ why: 'idle' });
  });

  test('is kept by whoever says that it is about to connect', async () => {
    const { places } = await preparedTunnel(pki);
    const reference = await preparedTunnel(pki);
    const { end } = await serve(places, { idleMs: 1000 });
    let ended = false;
    end.then(
      () => {
        ended = true;
      },
      () => {},
    );
    const other = await serve(reference.places, { idleMs: 2500 });
    const keeping = setInterval(() => void askTunnel(places, 'keep'), 30);
    await other.end;
    expect(ended).toBe(false);
    clearInterval(keeping);
    expect(await end).toEqual({ why: 'idle' });
  });

  test('finds a control plane that was replaced, without a restart', async () => {
    const { places, servers } = await preparedTunnel(pki);
    const [first, second] = servers;
    if (first === undefined || second === undefined) throw new Error('there are two');
    await keepServers(places, pki, [first]);
    const { status, events } = await serve(places);
    expect(await servedBy(status?.port ?? 0)).toBe('a');
    await keepServers(places, pki, [second]);
    await vi.waitFor(() => expect(events.map(({ kind }) => kind)).toContain('servers'), { timeout: 5000 });
    expect(await servedBy(status?.port ?? 0)).toBe('b');
  });

  test('ends when the cluster is removed', async () => {
    const { places, paths } = await preparedTunnel(pki);
    const { end } = await serve(places);
    await rm(paths.directory, { recursive: true });
    expect(await end).toEqual({ why: 'cluster removed' });
  });

  test('of a cluster that has none is an error that says how to get one', async () => {
    const options = { signal: never, onEvent: () => {}, onReady: () => {} };
    await expect(serveTunnel(tunnelPlaces(temporaryState()), options)).rejects.toMatchObject({
      code: 'tunnel-absent',
      hint: expect.stringContaining('kubeconfig --merge --tunnel'),
    });
  });
});

test('what is said to the socket that makes no sense is answered, and a flood is cut off', async () => {
  const { places } = await preparedTunnel(pki);
  await serve(places);
  const say = (words: string) => {
    const socket = connect(controlSocket(places));
    socket.write(words);
    return text(socket).catch(() => '');
  };
  expect(await say('nonsense\n')).toBe('{"ok":false,"error":"not a line of JSON"}\n');
  expect(await say('{"command":"reboot"}\n')).toBe('{"ok":false,"error":"unknown command \\"reboot\\""}\n');
  expect(await say('x'.repeat(5000))).toBe('');
});
