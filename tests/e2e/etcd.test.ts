import { getServers } from 'node:dns';
import { writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootMachines, type Machines } from '../rig/machines.js';
import { askApi, askFromNode, readyNodes } from './requests.js';
import { eventually, missingEngine, type Rig, rig } from './rig.js';

const missing = await missingEngine();
const ETCD = ['etcd-1', 'etcd-2', 'etcd-3'];

describe.skipIf(missing !== undefined)(
  `a cluster with etcd on machines of its own${missing ? ` (${missing})` : ''}`,
  { shuffle: false },
  () => {
    let machines: Machines;
    let it: Rig;

    beforeAll(async () => {
      machines = await bootMachines([...ETCD, 'cp-1', 'cp-2', 'w'], { subnet: '10.213.9' });
      it = await rig('');
      await writeFile(it.file, config(ETCD));
    });
    afterAll(async () => {
      await it?.[Symbol.asyncDispose]();
      await machines?.[Symbol.asyncDispose]();
    });

    function config(etcd: readonly string[]): string {
      const list = (names: readonly string[]) =>
        machines.hosts
          .filter(({ name }) => names.includes(name))
          .map(({ name, address }) => `{name: ${name}, address: ${address}}`)
          .join(', ');
      return `apiVersion: kubewright/v1alpha1
name: ${it.name}
provider:
  hosts: {user: root, identityFile: ${machines.identityFile}, hostKey: {pinned: ["${machines.hostKey}"]}}
nodes:
  etcd: {hosts: [${list(etcd)}]}
  control-plane: {hosts: [${list(['cp-1', 'cp-2'])}]}
  workers: {hosts: [${list(['w'])}]}
network: {upstreamDns: [${getServers()[0]}]}
`;
    }

    const on = async (name: string, script: string) => {
      const container = machines.hosts.find((host) => host.name === name)?.container ?? '';
      const { stdout } = await execa('docker', ['exec', container, 'sh', '-c', script], { stdin: 'ignore' });
      return stdout;
    };

    /** "etcd-1 started voter" and so on, in the order of names, as the member on this machine tells. */
    const members = async (speaker: string) => {
      const list = await on(
        speaker,
        `id=$(ctr -n k8s.io containers list -q 'labels."io.kubernetes.container.name"==etcd' | while read -r c; do ctr -n k8s.io tasks list | grep -q "^$c .*RUNNING" && echo "$c"; done)
p=/etc/kubernetes/pki/etcd
ctr -n k8s.io tasks exec --exec-id "test-$$" "$id" etcdctl --cacert=$p/ca.crt --cert=$p/server.crt --key=$p/server.key member list -w simple`,
      );
      return list
        .split('\n')
        .map((line) => line.split(', '))
        .map(([, state, name, , , learner]) => `${name} ${state} ${learner === 'false' ? 'voter' : 'learner'}`)
        .sort();
    };

    /** What each API server was told as its etcd, without ports. */
    const servers = async () =>
      Promise.all(
        ['cp-1', 'cp-2'].map(async (name) =>
          (await on(name, "sed -n 's/^ *- --etcd-servers=//p' /etc/kubernetes/manifests/kube-apiserver.yaml"))
            .split(',')
            .map((url) => new URL(url).hostname),
        ),
      );

    const addresses = (names: readonly string[]) =>
      machines.hosts.filter(({ name }) => names.includes(name)).map(({ address }) => address);

    test('can be killed while etcd begins', async () => {
      const running = it.start('up', '-o', 'json');
      let begun = false;
      for await (const line of running) {
        const event = JSON.parse(line);
        if (begun || event.id !== 'etcd/begin' || event.state !== 'applying') continue;
        begun = true;
        // The first member is about to start, alone.
        await on('etcd-1', 'until [ -e /etc/kubernetes/manifests/etcd.yaml ]; do sleep 0.1; done');
        running.kill('SIGKILL');
      }
      expect(begun).toBe(true);
    });

    test('goes on from there to Ready nodes, which those of etcd are not among', async () => {
      const { code, stderr } = await it.run('up');
      expect(code, stderr).toBe(0);
      const nodes = await it.kubectl('get', 'nodes', '--no-headers');
      expect(nodes).toMatch(/^cp-1 +Ready[\s\S]*^cp-2 +Ready[\s\S]*^w +Ready/m);
      expect(nodes).not.toContain('etcd');
      expect(await members('etcd-2')).toEqual(ETCD.map((name) => `${name} started voter`));
      expect(await servers()).toEqual([addresses(ETCD), addresses(ETCD)]);
      expect(await it.kubectl('-n', 'kube-system', 'get', 'pods', '-o', 'name')).not.toContain('pod/etcd');
    });

    test('is left alone by a second up, and has nothing left to plan', async () => {
      const { code, stdout, stderr } = await it.run('up');
      expect(code, stderr).toBe(0);
      expect(`${stdout}${stderr}`).toContain('nothing changed');
      const plan = await it.run('plan');
      expect(plan.code, plan.stdout).toBe(0);
    });

    test('is healthy by its status', async () => {
      const { code, stdout } = await it.run('status', '-o', 'json');
      expect(code, stdout).toBe(0);
    });

    test("has etcd's key on each machine for etcd, readable by root only, and nowhere else", async () => {
      const key = await on('etcd-1', 'cat /etc/kubernetes/pki/etcd/ca.key');
      for (const name of ETCD) {
        expect(await on(name, 'cat /etc/kubernetes/pki/etcd/ca.key')).toBe(key);
        expect(await on(name, 'stat -c %a /etc/kubernetes/pki/etcd/*.key')).toMatch(/^(600\n?)+$/);
      }
      expect(await on('cp-1', 'ls /etc/kubernetes/pki/etcd')).toBe('ca.crt');
      expect(await on('cp-2', 'stat -c %a /etc/kubernetes/pki/apiserver-etcd-client.key')).toBe('600');
      const line = key.split('\n')[3] ?? '';
      const client = (await on('cp-1', 'cat /etc/kubernetes/pki/apiserver-etcd-client.key')).split('\n')[3] ?? '';
      expect(line.length).toBeGreaterThan(40);
      const found = await execa('grep', ['-rlF', '-e', line, '-e', client, it.folder], { reject: false });
      expect(found.stdout).toBe('');
    });

    test('answers while a machine for etcd is lost and another comes in its place', async () => {
      const replacing = (async () => {
        await machines.destroy('etcd-2');
        // It may have been the leader: the other two then take some seconds to choose another.
        await eventually('something to be written with two members', 30, async () => {
          await it.kubectl('create', 'configmap', 'written-with-two').catch(() => {});
          return it.kubectl('get', 'configmap', 'written-with-two');
        });
        await machines.recreate('etcd-2');
        return it.run('up');
      })();
      const { count, failures } = await askApi(it, 0, replacing);
      const { code, stderr } = await replacing;
      expect(code, stderr).toBe(0);
      expect(
        failures.filter((at) => at > 10),
        `of ${count} requests`,
      ).toEqual([]);
      expect(await members('etcd-2')).toEqual(ETCD.map((name) => `${name} started voter`));
    });

    test('goes on with a single machine for etcd, whichever it is, while its API servers follow one at a time', async () => {
      await writeFile(it.file, config(['etcd-3']));
      const shrinking = it.run('up', '--yes');
      // Through the load balancer of a node, which knows both API servers.
      let shrunk = false;
      void shrinking.then(() => {
        shrunk = true;
      });
      let count = 0;
      let failures = 0;
      while (!shrunk) {
        const asked = await askFromNode(it, 'w', 'https://127.0.0.1:7443/readyz', 5, 'host');
        count += asked.count;
        failures += asked.failures.length;
      }
      const { code, stderr } = await shrinking;
      expect(code, stderr).toBe(0);
      expect(await members('etcd-3')).toEqual(['etcd-3 started voter']);
      expect(await servers()).toEqual([addresses(['etcd-3']), addresses(['etcd-3'])]);
      expect(await on('etcd-1', 'ls -d /etc/kubernetes /var/lib/etcd /usr/local/bin/kubelet 2>/dev/null || :')).toBe(
        '',
      );
      expect(await it.kubectl('get', 'configmap', 'written-with-two', '-o', 'name')).toBe('configmap/written-with-two');
      expect(await readyNodes(it)).toEqual(['cp-1', 'cp-2', 'w']);
      // Connections that an API server had open when it was ended.
      expect(failures, `of ${count} requests`).toBeLessThan(5);
    });

    test('is taken off all its machines by down', async () => {
      const { code, stderr } = await it.run('down', '--yes');
      expect(code, stderr).toBe(0);
      for (const name of ['etcd-3', 'cp-1', 'w']) {
        expect(
          await on(name, 'ls -d /etc/kubernetes /etc/kubewright /var/lib/etcd /var/lib/kubelet 2>/dev/null || :'),
        ).toBe('');
      }
    });
  },
);
