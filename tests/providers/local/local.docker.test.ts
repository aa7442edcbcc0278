import { afterAll, describe, expect, test } from 'vitest';
import { missingEngine } from '../../e2e/rig.js';
import { docker, localRig, onMachine, removeSharedCache, runSteps } from './rig.js';

const missing = await missingEngine();

describe.skipIf(missing !== undefined)(`machines in containers${missing ? ` (${missing})` : ''}`, () => {
  afterAll(removeSharedCache);

  test('are there after one run, each with the host key that was known before the first connection', async () => {
    await using rig = await localRig();
    const { machines } = await rig.up(rig.cluster(['cp', 'w1', 'w2']));
    const names = await Promise.all(Object.values(machines).map((machine) => onMachine(machine, 'hostname')));
    expect(names).toEqual(['cp', 'w1', 'w2']);
    const addresses = Object.values(machines).map(({ address }) => address);
    expect(addresses.map((address) => address.replace(/.*\./, ''))).toEqual(['10', '11', '12']);
    const other = { ...machines['cp'], ssh: { ...machines['cp']?.ssh, hostKeys: machines['w1']?.ssh.hostKeys } };
    await expect(onMachine(other as (typeof machines)[string], 'true')).rejects.toMatchObject({
      code: 'ssh-host-key-changed',
    });
    expect(await onMachine(machines['cp'], 'ls /etc/ssh/ssh_host_*')).toBe(
      '/etc/ssh/ssh_host_ed25519_key\n/etc/ssh/ssh_host_ed25519_key.pub',
    );
  });

  test('run systemd to the end of its boot, without Python, and can make cgroups and mounts', async () => {
    await using rig = await localRig();
    const { machines } = await rig.up(rig.cluster(['cp']));
    const script = `systemctl is-system-running --wait
      command -v python3 python || echo no python
      systemd-run --quiet --pipe --property=MemoryMax=64M cat /proc/self/cgroup >/dev/null && echo cgroups
      mkdir -p /var/lib/kubelet/a/lower /var/lib/kubelet/a/upper /var/lib/kubelet/a/work /var/lib/kubelet/a/all
      cd /var/lib/kubelet/a && mount -t overlay o -o lowerdir=lower,upperdir=upper,workdir=work all && echo overlay
      findmnt -n -o PROPAGATION / | grep -o shared`;
    expect((await onMachine(machines['cp'], script)).split('\n')).toEqual([
      'running',
      'no python',
      'cgroups',
      'overlay',
      'shared',
    ]);
  });

  test('have every payload file under its sha256, and cannot change it', async () => {
    await using rig = await localRig();
    const { machines } = await rig.up(rig.cluster(['cp']));
    const { files } = await rig.payload();
    const folder = machines['cp']?.payloadDirectory;
    const said = await onMachine(machines['cp'], files.map(({ sha256 }) => `${folder}/${sha256}`).join('; '));
    expect(said).toBe('kubelet v1\nkubeadm v1');
    await expect(onMachine(machines['cp'], `touch ${folder}/other`)).rejects.toThrow(/Read-only file system/);
    expect(await onMachine(machines['cp'], 'ls /opt/kubewright/store')).toBe('');
  });

  test('are left as they are by a second run', async () => {
    await using rig = await localRig();
    const cluster = rig.cluster(['cp', 'w1']);
    const first = await rig.up(cluster);
    const second = await rig.up(cluster);
    expect(second.changed).toBe(0);
    expect(second.machines).toEqual(first.machines);
    expect(await rig.provider.existing(cluster, rig.context)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'w1', state: 'running', machine: first.machines['w1'] }),
      ]),
    );
  });

  test('keep address, host key, files and log through a stop and start', async () => {
    await using rig = await localRig();
    const cluster = rig.cluster(['cp', 'w1']);
    const { machines } = await rig.up(cluster);
    const before = await onMachine(machines['cp'], 'echo kept >/var/lib/etcd/db; cat /etc/machine-id');
    await docker('stop', `${rig.name}-cp`, `${rig.name}-w1`);
    expect((await rig.provider.existing(cluster, rig.context)).map(({ state }) => state)).toEqual([
      'stopped',
      'stopped',
    ]);
    await docker('start', `${rig.name}-cp`);
    const again = await rig.up(cluster);
    expect(again.changed).toBe(1);
    expect(again.machines).toEqual(machines);
    // systemd says that it is up a moment before the journal has its word for it.
    const script = `cat /var/lib/etcd/db /etc/machine-id; ls ${machines['cp']?.payloadDirectory} | wc -l
      systemctl is-system-running --wait
      boots() { journalctl -o cat | grep -c '^Startup finished'; }
      for try in 1 2 3 4 5 6 7 8 9 10; do [ "$(boots)" -ge 2 ] && break; sleep 0.3; done; boots`;
    expect(await onMachine(again.machines['cp'], script)).toBe(`kept\n${before}\n2\nrunning\n2`);
    expect(await onMachine(again.machines['w1'], 'hostname')).toBe('w1');
  });

  test('are added without touching the ones that are there, and removed one by one', async () => {
    await using rig = await localRig();
    const { machines } = await rig.up(rig.cluster(['cp', 'w1']));
    const started = await docker('inspect', '--format', '{{.State.StartedAt}}', `${rig.name}-cp`);
    const three = rig.cluster(['cp', 'w1', 'w0']);
    const added = await rig.up(three);
    expect(added.machines).toMatchObject(machines);
    expect(added.machines['w0']?.address).toMatch(/\.12$/);
    const removed = await runSteps(await rig.provider.destroyMachines(three, ['w1', 'never'], rig.context));
    expect(removed.changed).toBe(2);
    expect(await onMachine(added.machines['w0'], 'hostname')).toBe('w0');
    expect(await docker('inspect', '--format', '{{.State.StartedAt}}', `${rig.name}-cp`)).toBe(started);
    const replaced = await rig.up(three);
    expect(replaced.changed).toBe(1);
    expect(replaced.machines['w1']?.address).toBe(machines['w1']?.address);
    expect(replaced.machines['w1']?.ssh.hostKeys).not.toEqual(machines['w1']?.ssh.hostKeys);
    expect(await onMachine(replaced.machines['w1'], 'hostname')).toBe('w1');
  });

  test('of several clusters live side by side, each on its own subnet, and one goes without the others', async () => {
    await using rig = await localRig();
    const [one, two] = [rig.cluster(['n']), rig.cluster(['n'], {}, '-2')];
    const machines = [(await rig.up(one)).machines['n'], (await rig.up({ ...two })).machines['n']];
    const [first = '', second = ''] = machines.map((machine) => machine?.address.replace(/\.\d+$/, ''));
    expect(first).not.toBe(second);
    await rig.down(two);
    expect(await onMachine(machines[0], 'hostname')).toBe('n');
    expect(await docker('ps', '-aq', '--filter', `label=kubewright.cluster=${two.name}`)).toBe('');
  });

  test('are reached through ports on loopback where that is asked for, also after a restart', async () => {
    await using rig = await localRig();
    const cluster = rig.cluster(['cp', 'w1'], { publishPorts: true });
    const { machines } = await rig.up(cluster);
    expect(machines['cp']?.ssh.address).toBe('127.0.0.1');
    expect(machines['cp']?.api).toEqual({ host: '127.0.0.1', port: expect.any(Number) });
    expect(machines['w1']?.api).toBeUndefined();
    expect(await onMachine(machines['cp'], 'hostname')).toBe('cp');
    expect(await onMachine(machines['w1'], 'hostname')).toBe('w1');
    const published = await docker('port', `${rig.name}-cp`);
    expect(published.split('\n').every((line) => line.includes('127.0.0.1:'))).toBe(true);
    await docker('stop', `${rig.name}-cp`);
    const again = await rig.up(cluster);
    expect(again.machines).toEqual(machines);
    expect(await onMachine(again.machines['cp'], 'hostname')).toBe('cp');
  });

  test('get the files of another payload while they run', async () => {
    await using rig = await localRig();
    const cluster = rig.cluster(['cp', 'w1']);
    await rig.up(cluster);
    rig.setPayloadVersion('v2');
    const { changed, machines } = await rig.up(cluster);
    expect(changed).toBe(1);
    const [kubelet] = (await rig.payload()).files;
    expect(await onMachine(machines['cp'], `${machines['cp']?.payloadDirectory}/${kubelet?.sha256}`)).toBe(
      'kubelet v2',
    );
    expect((await rig.up(cluster)).changed).toBe(0);
    await docker('stop', `${rig.name}-cp`);
    await rig.up(cluster);
    expect(await onMachine(machines['cp'], `${machines['cp']?.payloadDirectory}/${kubelet?.sha256}`)).toBe(
      'kubelet v2',
    );
  });

  test('leave nothing when they are destroyed, and what others made stays', async () => {
    await using rig = await localRig();
    const cluster = rig.cluster(['cp', 'w1']);
    await rig.up(cluster);
    const volumes = await docker('inspect', '--format', '{{range .Mounts}}{{.Name}} {{end}}', `${rig.name}-cp`);
    await docker('run', '--detach', '--name', `${rig.name}-other`, await nodeImage(rig.name), 'sleep', '600');
    try {
      expect((await rig.down(cluster)).changed).toBe(4);
      expect(await docker('ps', '-aq', '--filter', `label=kubewright.cluster=${rig.name}`)).toBe('');
      expect(await docker('network', 'ls', '-q', '--filter', `label=kubewright.cluster=${rig.name}`)).toBe('');
      const left = (await docker('volume', 'ls', '-q')).split('\n');
      expect(
        volumes
          .trim()
          .split(/\s+/)
          .filter((volume) => left.includes(volume)),
      ).toEqual([rig.volume]);
      const store = `type=volume,source=${rig.volume},target=/store`;
      const image = await nodeImage(`${rig.name}-other`, 'name');
      expect(await docker('run', '--rm', '--mount', store, image, 'ls', '/store/nodes')).toBe('');
      expect(await docker('inspect', '--format', '{{.State.Status}}', `${rig.name}-other`)).toBe('running');
      expect((await rig.down(cluster)).changed).toBe(0);
    } finally {
      await docker('rm', '-fv', `${rig.name}-other`);
    }
  });
});

/** The image of a cluster's containers. */
async function nodeImage(of: string, by: 'label' | 'name' = 'label'): Promise<string> {
  const filter = by === 'label' ? `label=kubewright.cluster=${of}` : `name=${of}`;
  return (await docker('ps', '--all', '--filter', filter, '--format', '{{.Image}}')).split('\n')[0] ?? '';
}
