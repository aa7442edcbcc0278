import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingEngine, type Rig, rig } from './rig.js';

const missing = await missingEngine();
const title = `a cluster whose containers cannot be reached at their own addresses${missing ? ` (${missing})` : ''}`;

describe.skipIf(missing !== undefined)(title, { shuffle: false }, () => {
  let it: Rig;
  beforeAll(async () => {
    it = await rig(`provider: {local: {publishPorts: true}}
nodes:
  control-plane: {count: 1, roles: [control-plane, worker]}
`);
  });
  afterAll(async () => {
    await it[Symbol.asyncDispose]();
  });

  test('is made through ports published on loopback, and kubectl comes to it the same way', async () => {
    const { code, stderr } = await it.run('up');
    expect(code, stderr).toBe(0);
    const server = await it.kubectl('config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}');
    expect(server).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(await it.kubectl('get', 'nodes', '--no-headers')).toMatch(/control-plane-1 +Ready/);
    const ports = await it.docker('ps', '--filter', `label=kubewright.cluster=${it.name}`, '--format', '{{.Ports}}');
    expect(ports).toContain('127.0.0.1:');
    expect(ports).not.toContain('0.0.0.0:');
  });

  test('answers to ssh through its published port, and to the same kubeconfig after a restart', async () => {
    expect(await it.run('ssh', 'control-plane-1', '--', 'echo', 'a  b')).toMatchObject({ code: 0, stdout: 'a  b' });
    const name = await it.docker('ps', '--filter', `label=kubewright.cluster=${it.name}`, '--format', '{{.Names}}');
    await it.docker('restart', '-t', '10', name);
    const { code, stderr } = await it.run('up');
    expect(code, stderr).toBe(0);
    expect(await it.kubectl('get', 'nodes', '--no-headers')).toMatch(/control-plane-1 +Ready/);
  });
});
