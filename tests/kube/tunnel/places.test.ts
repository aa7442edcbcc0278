import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  readCredentials,
  readPort,
  readServers,
  writeCredentials,
  writePort,
  writeServers,
} from '../../../src/kube/tunnel/access-files.js';
import { controlSocket, tunnelPlaces } from '../../../src/kube/tunnel/places.js';
import { tunnelPort } from '../../../src/kube/tunnel/port.js';
import { statePaths } from '../../../src/state/paths.js';
import { temporaryFolder, temporaryState } from '../../state/folder.js';

describe('the control socket', () => {
  const places = (directory: string) => tunnelPlaces({ ...statePaths('demo'), directory });

  test('lies in the state folder of the cluster where its path is short enough', () => {
    const folder = temporaryFolder();
    expect(controlSocket(places(folder))).toBe(join(folder, 'tunnel.sock'));
  });

  test('lies in a folder of this user alone where it is not, a different one for each cluster', () => {
    const runtime = temporaryFolder();
    const env = { XDG_RUNTIME_DIR: runtime };
    const one = controlSocket(places(`/${'deep/'.repeat(30)}one`), env);
    const other = controlSocket(places(`/${'deep/'.repeat(30)}other`), env);
    expect(dirname(one)).toBe(join(runtime, 'kubewright'));
    expect(one).not.toBe(other);
    expect(controlSocket(places(`/${'deep/'.repeat(30)}one`), env)).toBe(one);
    expect(Buffer.byteLength(one)).toBeLessThanOrEqual(100);
    expect(statSync(dirname(one)).mode & 0o777).toBe(0o700);
  });

  test('is not put into a folder that others can get at', () => {
    const runtime = temporaryFolder();
    mkdirSync(join(runtime, 'kubewright'));
    chmodSync(join(runtime, 'kubewright'), 0o777);
    expect(() => controlSocket(places(`/${'deep/'.repeat(30)}`), { XDG_RUNTIME_DIR: runtime })).toThrow(
      'no folder of this user alone',
    );
  });
});

describe('the port', () => {
  test('is chosen once and stays, also when it is taken by then', async () => {
    const places = tunnelPlaces(temporaryState());
    const port = await tunnelPort(places);
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => void squatter.close());
    expect(await tunnelPort(places)).toBe(port);
    expect(port).toBeGreaterThanOrEqual(21_000);
    expect(port).toBeLessThan(29_000);
  });

  test('is none that another cluster has, running or not', async () => {
    const places = tunnelPlaces(temporaryState());
    const port = await tunnelPort(places);
    // The one that "other" would have begun with.
    const other = tunnelPlaces(statePaths('other'));
    const wanted = await tunnelPort(other);
    await writePort(places, wanted);
    await writePort(other, port);
    const again = tunnelPlaces(statePaths('third'));
    expect([port, wanted]).not.toContain(await tunnelPort(again));
  });

  test('avoids one that is in use when it is chosen', async () => {
    const places = tunnelPlaces(temporaryState());
    const wanted = await tunnelPort(places);
    await writeFile(places.settings, '{}');
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(wanted, '127.0.0.1', resolve));
    onTestFinished(() => void squatter.close());
    await expect(readPort(places)).rejects.toMatchObject({ code: 'state-invalid' });
  });
});

describe('what a tunnel knows', () => {
  const list = { ca: 'CA', servers: [{ name: 'a', host: '10.0.0.11', port: 6443 }] };

  test('is read as it was written, and written only where it differs', async () => {
    const places = tunnelPlaces(temporaryState());
    expect(await readServers(places)).toBeUndefined();
    expect(await writeServers(places, list)).toBe(true);
    expect(await writeServers(places, list)).toBe(false);
    expect(await readServers(places)).toMatchObject(list);
  });

  test('holds no key where the relay reads, and the key where nobody else can', async () => {
    const places = tunnelPlaces(temporaryState());
    await writeServers(places, list);
    await writeCredentials(places, { certificate: 'CERT', key: 'KEY' });
    expect(await readFile(places.servers, 'utf8')).not.toContain('KEY');
    expect((await stat(places.credentials)).mode & 0o777).toBe(0o600);
    expect(await readCredentials(places)).toMatchObject({ certificate: 'CERT', key: 'KEY' });
  });

  test.each([
    ['nonsense', 'not JSON'],
    ['{"version": 1}', 'nothing in it'],
    ['{"version": 2, "ca": "CA", "servers": []}', 'a newer version'],
    ['{"version": 1, "ca": "CA", "servers": [{"name": "a", "host": "x", "port": 70000}]}', 'an impossible port'],
  ])('is damaged when the file is %s (%s)', async (text) => {
    const places = tunnelPlaces(temporaryState());
    await mkdir(dirname(places.servers), { recursive: true });
    await writeFile(places.servers, text);
    await expect(readServers(places)).rejects.toMatchObject({ code: 'state-invalid' });
  });
});
