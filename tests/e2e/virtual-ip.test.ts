import { getServers } from 'node:dns';
import { readFile, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bootMachines, type Machines } from '../rig/machines.js';
import { askApi, untilReady } from './requests.js';
import { eventually, missingEngine, type Rig, rig } from './rig.js';

const missing = await missingEngine();
const CONTROL_PLANES = ['cp-1', 'cp-2', 'cp-3'];
const ADDRESS = '10.213.11.10';

/** The machines install keepalived themselves, from Debian's packages: without those there is nothing to test. */
describe.skipIf(missing !== undefined)(
  `a cluster whose control planes hold an address between them${missing ? ` (${missing})` : ''}`,
  { shuffle: false },
  () => {
    let machines: Machines;
    let it: Rig;
    let packages: boolean;

    beforeAll(async () => {
      machines = await bootMachines(CONTROL_PLANES, { subnet: '10.213.11' });
      it = await rig('');
      await writeFile(it.file, config(CONTROL_PLANES));
      packages = await on('cp-1', 'timeout 60 apt-get -q update && apt-cache show keepalived').then(
        () => true,
        () => false,
      );
    });
    beforeEach((context) => context.skip(!packages, 'no package keepalived can be had here'));
    afterAll(async () => {
      await it?.[Symbol.asyncDispose]();
      await machines?.[Symbol.asyncDispose]();
    });

    function config(names: readonly string[]): string {
      const hosts = machines.hosts
        .filter(({ name }) => names.includes(name))
        .map(({ name, address }) => `{name: ${name}, address: ${address}}`);
      return `apiVersion: kubewright/v1alpha1
name: ${it.name}
provider:
  hosts: {user: root, identityFile: ${machines.identityFile}, hostKey: {pinned: ["${machines.hostKey}"]}}
nodes:
  control-plane: {roles: [control-plane, worker], hosts: [${hosts.join(', ')}]}
api: {endpoint: {virtualIp: ${ADDRESS}}}
network: {upstreamDns: [${getServers()[0]}]}
`;
    }

    const container = (name: string) => machines.hosts.find((host) => host.name === name)?.container ?? '';
    const on = async (name: string, script: string) => {
      const { stdout } = await execa('docker', ['exec', container(name), 'sh', '-c', script], { stdin: 'ignore' });
      return stdout;
    };
    /** Those that have the address now. */
    const holders = async (names: readonly string[] = CONTROL_PLANES) => {
      const found = await Promise.all(
        names.map(async (name) => ((await on(name, 'ip -o address show')).includes(` ${ADDRESS}/32 `) ? [name] : [])),
      );
      return found.flat();
    };
    /** How many seconds it takes until exactly this one has it. */
    const untilHeldBy = async (name: string, among?: readonly string[]) => {
      const began = Date.now();
      await eventually(`${name} to hold the address`, 90, async () =>
        (await holders(among)).join() === name ? true : undefined,
      );
      return (Date.now() - began) / 1000;
    };

    test('is told by plan that a package is missing', async () => {
      const { stdout } = await it.run('plan');
      expect(stdout).toContain('package keepalived');
    });

    test('waits for a package manager that is at work, and says who that is', async () => {
      const lock =
        'use Fcntl; open F, ">", "/var/lib/dpkg/lock-frontend"; my $l = pack("ssx4qqix4", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; sleep 1 until -e "/tmp/let-go"';
      await execa('docker', ['exec', '-d', container('cp-1'), 'perl', '-e', lock]);
      const running = it.start('up', '-o', 'json');
      let said: string | undefined;
      for await (const line of running) {
        if (said !== undefined || !line.includes('waiting for the package manager')) continue;
        said = line;
        await on('cp-1', 'touch /tmp/let-go');
      }
      expect(said).toMatch(/process \d+ \(perl\)/);
      const { exitCode, stdout } = await running;
      expect(exitCode, stdout.slice(-2000)).toBe(0);
    });

    test('is reached by the address, which the first one holds', async () => {
      await untilReady(it, CONTROL_PLANES, 30);
      expect(await holders()).toEqual(['cp-1']);
      expect(await readFile(it.kubeconfig, 'utf8')).toContain(`https://${ADDRESS}:6443`);
      expect(await on('cp-2', 'cat /etc/kubernetes/admin.conf')).toContain(`https://${ADDRESS}:6443`);
    });

    test('is left alone by a second up, and has nothing left to plan', async () => {
      const { code, stdout, stderr } = await it.run('up');
      expect(code, stderr).toBe(0);
      expect(`${stdout}${stderr}`).toContain('nothing changed');
      const plan = await it.run('plan');
      expect(plan.code, plan.stdout).toBe(0);
    });

    test('gives the address to another where the API server has died, and back when it is there again', async () => {
      await on('cp-1', 'mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/');
      const moving = untilHeldBy('cp-2');
      const { count, failures } = await askApi(it, 15, moving);
      await moving;
      expect(failures.length, `of ${count} requests, at ${failures} s`).toBeLessThan(count / 2);
      expect(count - failures.length).toBeGreaterThan(5);
      await on('cp-1', 'mv /root/kube-apiserver.yaml /etc/kubernetes/manifests/');
      await untilHeldBy('cp-1');
      await it.kubectl('get', 'nodes');
    });

    test('gives the address to another within seconds where the machine has died', async () => {
      await execa('docker', ['kill', container('cp-1')]);
      const moving = untilHeldBy('cp-2', ['cp-2', 'cp-3']);
      const { count, failures } = await askApi(it, 20, moving);
      expect(await moving).toBeLessThan(15);
      expect(failures.length, `of ${count} requests, at ${failures} s`).toBeLessThan(count / 2);
      // The last of them are answered.
      expect(failures.at(-1) ?? 0, `of ${count} requests, at ${failures} s`).toBeLessThan(18);
      await it.kubectl('create', 'configmap', 'written-through-another');
      await execa('docker', ['start', container('cp-1')]);
      await untilHeldBy('cp-1');
      await untilReady(it, CONTROL_PLANES, 60);
    });

    test('forgets control planes that leave, and takes all of keepalived off them', async () => {
      await writeFile(it.file, config(['cp-3']));
      const { code, stderr } = await it.run('up', '--yes');
      expect(code, stderr).toBe(0);
      expect(await holders()).toEqual(['cp-3']);
      expect(await on('cp-1', 'ls /etc/kubewright /usr/sbin/keepalived 2>/dev/null || :')).toBe('');
      expect(await on('cp-3', 'cat /etc/kubewright/keepalived/keepalived.conf')).not.toContain('10.213.11.11');
      expect(await it.kubectl('get', 'configmap', 'written-through-another', '-o', 'name')).toContain('written');
      const plan = await it.run('plan');
      expect(plan.code, plan.stdout).toBe(0);
    });

    test('is taken off by down, the address and the package with it', async () => {
      const { code, stderr } = await it.run('down', '--yes');
      expect(code, stderr).toBe(0);
      expect(await holders()).toEqual([]);
      expect(await on('cp-3', 'ls /etc/kubewright /usr/sbin/keepalived 2>/dev/null || :')).toBe('');
    });
  },
);
