import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.js';
import { runCli } from './rig.js';

let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-init-'));
  file = join(folder, 'cluster.yaml');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function written() {
  const config = parseConfig(await readFile(file, 'utf8'), file);
  if (!config.ok) throw new Error(config.diagnostics.map(({ message }) => message).join('\n'));
  return config.cluster;
}

describe('init without a terminal', () => {
  test('writes a valid config with the defaults', async () => {
    const { code, stdout } = await runCli(['init', '-f', file]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `Wrote ${file}. Next: kubewright up -f ${file}\n` });
    const cluster = await written();
    expect(cluster.name).toBe('demo');
    expect(cluster.provider.kind).toBe('local');
    expect(cluster.nodes.map(({ name }) => name)).toEqual(['control-plane-1', 'workers-1', 'workers-2']);
  });

  test('takes every answer from flags', async () => {
    const words = ['--name', 'big', '--control-planes', '3', '--workers', '0', '--kubernetes-version', '1.35.4'];
    expect((await runCli(['init', '-f', file, ...words])).code).toBe(0);
    const cluster = await written();
    expect(cluster).toMatchObject({ name: 'big', kubernetes: { version: '1.35.4' } });
    expect(cluster.nodes).toHaveLength(3);
  });

  test('counts the machines that are listed, control planes first', async () => {
    const words = ['--hosts', '10.0.1.11,10.0.1.21, 10.0.1.22', '--user', 'admin', '--trust-on-first-use'];
    expect((await runCli(['init', '-f', file, ...words])).code).toBe(0);
    const { nodes } = await written();
    expect(nodes.map(({ roles, host }) => [roles[0], host?.address, host?.user, host?.hostKey.kind])).toEqual([
      ['control-plane', '10.0.1.11', 'admin', 'trust-on-first-use'],
      ['worker', '10.0.1.21', 'admin', 'trust-on-first-use'],
      ['worker', '10.0.1.22', 'admin', 'trust-on-first-use'],
    ]);
  });

  test('leaves an existing file alone, unless forced', async () => {
    await writeFile(file, 'mine');
    const { code, stderr } = await runCli(['init', '-f', file]);
    expect(code).toBe(64);
    expect(stderr).toContain(`${file} is there already`);
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect((await runCli(['init', '-f', file, '--force'])).code).toBe(0);
    expect((await written()).name).toBe('demo');
  });

  test.each([
    [['--name', 'No Good'], 'name'],
    [['--control-planes', '2'], 'odd'],
    [['--kubernetes-version', '1.2.3'], '1.2.3'],
    [['--provider', 'local', '--user', 'admin'], 'makes its own machines'],
    [['--hosts', '10.0.0.1', '--workers', '5'], '--hosts names 1 machines'],
  ])('writes nothing for %j', async (words, complaint) => {
    const { code, stderr } = await runCli(['init', '-f', file, ...words]);
    expect(code).toBe(64);
    expect(stderr).toContain(complaint);
    expect(await readdir(folder)).toEqual([]);
  });

  test('says why a file cannot be written', async () => {
    const { code, stderr } = await runCli(['init', '-f', join(folder, 'no', 'such', 'cluster.yaml')]);
    expect(code).toBe(1);
    expect(stderr).toContain('file-not-writable');
  });

  test('treats hostile text as text', async () => {
    const words = ['--hosts', '10.0.1.11', '--user', 'root"}\nname: evil', '--identity-file', '$(touch x) # y'];
    const { code } = await runCli(['init', '-f', file, ...words]);
    if (code === 0) expect((await written()).name).toBe('demo');
    else expect(code).toBe(64);
  });
});

describe('validate', () => {
  test('says what a valid file asks for', async () => {
    await writeFile(file, 'apiVersion: kubewright/v1alpha1\nname: demo\nprovider: {local: {}}\n');
    const { code, stdout } = await runCli(['validate', file]);
    expect(code).toBe(0);
    expect(stdout).toContain('is valid: cluster demo, Kubernetes');
    expect(stdout).toContain('1 control plane and 2 workers');
  });

  test('shows every problem with its place and exits with 64', async () => {
    await writeFile(file, 'apiVersion: kubewright/v1alpha1\nname: NO\nprovider: {local: {}}\nnetwork: {podCdir: x}\n');
    const { code, stdout, stderr } = await runCli(['validate', '-f', file]);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain(`${file}:2:7: error:`);
    expect(stderr).toContain(`${file}:4:11: error:`);
    expect(stderr).toContain('podCidr');
    expect(stderr).toContain('has 2 problems.');
  });

  test('gives the problems to programs', async () => {
    await writeFile(file, 'name: demo\n');
    const { code, stdout } = await runCli(['validate', file, '-o', 'json']);
    expect(code).toBe(64);
    const { result } = JSON.parse(stdout);
    expect(result.valid).toBe(false);
    expect(result.diagnostics.length).toBeGreaterThanOrEqual(2);
  });

  test('says that there is no file', async () => {
    const { code, stderr } = await runCli(['validate', join(folder, 'nothing.yaml')]);
    expect(code).toBe(64);
    expect(stderr).toContain('nothing.yaml');
  });
});
