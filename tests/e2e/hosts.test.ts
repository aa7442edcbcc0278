import { getServers } from 'node:dns';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootMachines, type Machines } from '../rig/machines.js';
import { missingEngine, type Rig, rig } from './rig.js';

const missing = await missingEngine();

describe.skipIf(missing !== undefined)(
  `a cluster on machines that exist${missing ? ` (${missing})` : ''}`,
  { shuffle: false },
  () => {
    let machines: Machines;
    let it: Rig;
    const password = "it's a $ecret \\ word";

    beforeAll(async () => {
      // Any local machine makes the node image that these machines are made from.
      await using first = await rig('provider: {local: {}}\nnodes: {control-plane: {count: 1}, workers: {count: 0}}\n');
      await first.run('up');
      machines = await bootMachines(['cp', 'w'], { user: 'admin', sudoPassword: password, subnet: '10.213.7' });
      it = await rig('');
      await writeFile(join(it.folder, 'password'), password, { mode: 0o600 });
      await writeFile(it.file, config('pinned'));
    });
    afterAll(async () => {
      await it?.[Symbol.asyncDispose]();
      await machines?.[Symbol.asyncDispose]();
    });

    function config(hostKey: 'pinned' | 'known-hosts', change: { user?: string; password?: string } = {}): string {
      const [cp, w] = machines.hosts;
      return `apiVersion: kubewright/v1alpha1
name: ${it.name}
provider:
  hosts:
    user: ${change.user ?? machines.user}
    identityFile: ${machines.identityFile}
    sudoPassword: {file: ${change.password ?? join(it.folder, 'password')}}
    hostKey: ${hostKey === 'pinned' ? `{pinned: ["${machines.hostKey}"]}` : hostKey}
nodes:
  control-plane: {hosts: [{name: cp, address: ${cp?.address}}]}
  workers: {hosts: [{name: w, address: ${w?.address}}]}
network: {upstreamDns: [${getServers()[0]}]}
`;
    }

    test('is refused before anything changes when their host keys are not known, and each is named', async () => {
      await writeFile(it.file, config('known-hosts'));
      const { code, stderr } = await it.run('up');
      await writeFile(it.file, config('pinned'));
      expect(code).toBe(1);
      expect(stderr).toContain('2 problems on 2 hosts; nothing was changed');
      expect(stderr).toMatch(/cp: .*host key/i);
      expect(stderr).toMatch(/w: .*host key/i);
    });

    test('is refused when the user may not log in, naming user and host', async () => {
      await writeFile(it.file, config('pinned', { user: 'nobody-here' }));
      const { code, stderr } = await it.run('up');
      await writeFile(it.file, config('pinned'));
      expect(code).toBe(1);
      expect(stderr).toContain('nobody-here');
      expect(stderr).toContain('nothing was changed');
    });

    test('is refused when the sudo password is wrong', async () => {
      await writeFile(join(it.folder, 'wrong'), 'not it');
      await writeFile(it.file, config('pinned', { password: join(it.folder, 'wrong') }));
      const { code, stderr } = await it.run('up');
      await writeFile(it.file, config('pinned'));
      expect(code).toBe(1);
      expect(stderr).toMatch(/password/);
      expect(stderr).not.toContain('not it');
    });

    test('tells of a taken API port before anything is changed', async () => {
      const container = machines.hosts[0]?.container ?? '';
      await execa('docker', ['exec', '-d', container, 'socat', 'TCP-LISTEN:6443,fork,reuseaddr', '/dev/null']);
      const { code, stderr } = await it.run('up');
      await execa('docker', [
        'exec',
        container,
        'sh',
        '-c',
        'for p in /proc/[0-9]*; do case "$(cat $p/cmdline | tr "\\0" " ")" in "socat TCP"*) kill "$(basename $p)";; esac; done',
      ]);
      expect(code).toBe(1);
      expect(stderr).toContain('port 6443 is in use');
      const { stdout } = await execa('docker', ['exec', container, 'ls', '/etc/kubernetes'], { reject: false });
      expect(stdout).toBe('');
    });

    test('is made over SSH as a user with sudo and a password, artifacts uploaded', async () => {
      const { code, stderr } = await it.run('up');
      expect(code, stderr).toBe(0);
      expect(await it.kubectl('get', 'nodes', '--no-headers')).toMatch(/cp +Ready[\s\S]*w +Ready/);
    });

    test('is left alone by a second up', async () => {
      const { code, stdout, stderr } = await it.run('up');
      expect(code, stderr).toBe(0);
      expect(`${stdout}${stderr}`).toContain('nothing changed');
    });

    test('shows the sudo password in no log of the run and in no process list', async () => {
      const runs = join(it.folder, 'state', 'clusters', it.name, 'runs');
      const { stdout, exitCode } = await execa('grep', ['-rlF', 'ecret', runs], { reject: false });
      expect(stdout).toBe('');
      expect(exitCode).toBe(1);
    });

    test('is taken off them by down, which leaves the machines running', async () => {
      const { code, stderr } = await it.run('down', '--yes');
      expect(code, stderr).toBe(0);
      for (const { container } of machines.hosts) {
        const left = await execa(
          'docker',
          [
            'exec',
            container,
            'sh',
            '-c',
            'ls -d /etc/kubernetes /var/lib/kubelet /var/lib/etcd /usr/local/bin/kubelet 2>/dev/null; ip -o link | grep -E "flannel|cni0"; nft list tables | grep -E "kube|flannel"',
          ],
          { reject: false },
        );
        expect(left.stdout).toBe('');
      }
      expect(await readFile(it.kubeconfig, 'utf8')).not.toContain(it.name);
    });

    test('can be made again on the same machines', async () => {
      const { code, stderr } = await it.run('up');
      expect(code, stderr).toBe(0);
      expect(await it.kubectl('get', 'nodes', '--no-headers')).toMatch(/cp +Ready[\s\S]*w +Ready/);
    });
  },
);
