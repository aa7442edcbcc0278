import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { missingEngine } from '../../e2e/rig.js';
import { docker, type LocalRig, localRig, onMachine, removeSharedCache } from './rig.js';

const missing = await missingEngine();
const environment = { ...process.env };

describe.skipIf(missing !== undefined)(`faults of the container engine${missing ? ` (${missing})` : ''}`, () => {
  afterAll(removeSharedCache);
  afterEach(() => {
    process.env = { ...environment };
  });

  test("a name that somebody else's container has is refused, and that container is not touched", async () => {
    await using rig = await localRig();
    const cluster = rig.cluster(['cp', 'w1']);
    await rig.up(rig.cluster(['cp']));
    const image = await docker('inspect', '--format', '{{.Config.Image}}', `${rig.name}-cp`);
    await docker('create', '--name', `${rig.name}-w1`, image, 'true');
    try {
      await expect(rig.up(cluster)).rejects.toMatchObject({
        code: 'name-taken',
        message: `The name ${rig.name}-w1, which node w1 would have, is taken by a container made from ${image}`,
      });
      expect(await docker('inspect', '--format', '{{.State.Status}}', `${rig.name}-w1`)).toBe('created');
      await rig.down(cluster);
      expect(await docker('inspect', '--format', '{{.State.Status}}', `${rig.name}-w1`)).toBe('created');
    } finally {
      await docker('rm', '-f', `${rig.name}-w1`);
    }
  });

  test("a network that is somebody else's is refused and not touched", async () => {
    await using rig = await localRig();
    await docker('network', 'create', `kubewright-${rig.name}`);
    try {
      await expect(rig.up(rig.cluster(['cp']))).rejects.toMatchObject({
        code: 'name-taken',
        message: `A network named kubewright-${rig.name} exists and was not made for cluster ${rig.name}`,
      });
      await rig.down(rig.cluster(['cp']));
      expect(await docker('network', 'ls', '-q', '--filter', `name=kubewright-${rig.name}`)).not.toBe('');
    } finally {
      await docker('network', 'rm', `kubewright-${rig.name}`);
    }
  });

  test('a subnet that another network has is refused with the name of that network', async () => {
    await using rig = await localRig();
    const other = `${rig.name}-other`;
    await docker('network', 'create', other);
    try {
      const subnet = await docker('network', 'inspect', '--format', '{{(index .IPAM.Config 0).Subnet}}', other);
      await expect(rig.up(rig.cluster(['cp'], { subnet }))).rejects.toMatchObject({
        code: 'subnet-taken',
        message: `The subnet ${subnet} overlaps with ${subnet}: the network ${other} (docker)`,
      });
    } finally {
      await docker('network', 'rm', other);
    }
  });

  test('a subnet that pods would have is refused', async () => {
    await using rig = await localRig();
    await expect(rig.up(rig.cluster(['cp'], { subnet: '10.244.7.0/24' }))).rejects.toMatchObject({
      code: 'subnet-taken',
      message: "The subnet 10.244.7.0/24 overlaps with 10.244.0.0/16: the cluster's own pods (network.podCidr)",
    });
  });

  test('an engine that does not answer is named, with the address that was tried', async () => {
    await using rig = await localRig();
    process.env['DOCKER_HOST'] = 'unix:///nonexistent/docker.sock';
    const cluster = rig.cluster(['cp']);
    const expected = {
      code: 'container-engine-not-running',
      message: expect.stringContaining('docker does not answer'),
      hint: expect.stringContaining('DOCKER_HOST is unix:///nonexistent/docker.sock'),
    };
    await expect(rig.up(cluster)).rejects.toMatchObject(expected);
    await expect(rig.provider.destroy(cluster, rig.context)).rejects.toMatchObject(expected);
    await expect(rig.provider.existing(cluster, rig.context)).rejects.toMatchObject(expected);
    process.env = { ...environment };
  });

  test('a machine without any engine is told what to install', async () => {
    await using rig = await localRig();
    process.env['PATH'] = rig.folder;
    await expect(rig.up(rig.cluster(['cp']))).rejects.toMatchObject({
      code: 'container-engine-missing',
      message: expect.stringContaining('Neither docker nor podman is installed'),
    });
    await expect(rig.up(rig.cluster(['cp'], { engine: 'podman' }))).rejects.toMatchObject({
      message: expect.stringContaining('podman is not installed'),
    });
    process.env = { ...environment };
  });

  test('a disk that is too small is found out before anything is sent to it', async () => {
    await using rig = await localRig();
    const size = ['--opt', 'type=tmpfs', '--opt', 'device=tmpfs', '--opt', 'o=size=64m'];
    await docker('volume', 'create', '--driver', 'local', ...size, rig.volume);
    await expect(rig.up(rig.cluster(['cp']))).rejects.toMatchObject({
      code: 'engine-disk-full',
      message: expect.stringMatching(/has 6\d MiB free, and the nodes' artifacts need 1024 MiB/),
    });
  });

  test('an artifact that was damaged on this machine is found out, and nothing of it stays in the store', async () => {
    await using rig = await localRig();
    const [kubelet] = (await rig.payload()).files;
    if (kubelet === undefined) throw new Error('no files');
    rig.damage(kubelet.path, 'x'.repeat(kubelet.size));
    await expect(rig.up(rig.cluster(['cp']))).rejects.toMatchObject({
      code: 'artifact-checksum',
      message: `No longer what was obtained, its sha256 differs: ${kubelet.path}`,
    });
    rig.damage(kubelet.path, undefined);
    const { machines } = await rig.up(rig.cluster(['cp']));
    expect(await onMachine(machines['cp'], `${machines['cp']?.payloadDirectory}/${kubelet.sha256}`)).toBe('kubelet v1');
  });

  test('a cluster whose keys are not here is not taken over', async () => {
    await using rig = await localRig();
    const cluster = rig.cluster(['cp']);
    await rig.up(cluster);
    await expect(rig.up(cluster, { stateDirectory: join(rig.folder, 'elsewhere') })).rejects.toMatchObject({
      code: 'cluster-of-another',
      message: expect.stringContaining(`A cluster ${rig.name} exists`),
    });
  });

  test('a container that was killed before its first start is made anew', async () => {
    await using rig = await localRig();
    const cluster = rig.cluster(['cp', 'w1']);
    const { machines } = await rig.up(rig.cluster(['cp']));
    const labels = ['--label', `kubewright.cluster=${rig.name}`, '--label', 'kubewright.node=w1'];
    const image = await docker('inspect', '--format', '{{.Config.Image}}', `${rig.name}-cp`);
    await docker('create', '--name', `${rig.name}-w1`, ...labels, image, 'true');
    const again = await rig.up(cluster);
    expect(again.changed).toBe(1);
    expect(again.machines['cp']).toEqual(machines['cp']);
    expect(await onMachine(again.machines['w1'], 'hostname')).toBe('w1');
  });

  test('what a killed run left half done in the store is cleared away and done again', async () => {
    await using rig = await localRig();
    const cluster = rig.cluster(['cp']);
    const { machines } = await rig.up(cluster);
    await inStore(
      rig,
      'cd /store/seeds && mkdir -p .draft-dead/payload && for seed in */; do mv "$seed" .draft-dead/; done',
    );
    await rig.down(cluster);
    const again = await rig.up(cluster, { cacheDirectory: join(rig.folder, 'cache') });
    expect(await onMachine(again.machines['cp'], 'hostname')).toBe('cp');
    expect(machines['cp']?.ssh.hostKeys).not.toEqual(again.machines['cp']?.ssh.hostKeys);
    expect(await inStore(rig, 'ls -A /store/seeds')).toMatch(/^[0-9a-f]{16}$/);
  });

  test('a store that lost what it is remembered to have is found out, said, and filled by the next run', async () => {
    await using rig = await localRig();
    const [two, cacheDirectory] = [rig.cluster(['cp', 'w1']), join(rig.folder, 'cache')];
    await rig.up(rig.cluster(['cp']), { cacheDirectory });
    await inStore(rig, 'rm -rf /store/seeds/*');
    await expect(rig.up(two, { cacheDirectory })).rejects.toMatchObject({
      code: 'machine-not-up',
      host: 'w1',
      message: expect.stringMatching(/did not stay up.*the store has no artifacts named/),
    });
    const { machines } = await rig.up(two, { cacheDirectory });
    expect(await onMachine(machines['w1'], 'hostname')).toBe('w1');
  });
});

/** Runs a script in a container that has the rig's store. */
async function inStore(rig: LocalRig, script: string): Promise<string> {
  const image =
    (await docker('images', '--format', '{{.Repository}}:{{.Tag}}', 'kubewright-node')).split('\n')[0] ?? '';
  const store = `type=volume,source=${rig.volume},target=/store`;
  return docker('run', '--rm', '--mount', store, image, 'sh', '-c', script);
}
