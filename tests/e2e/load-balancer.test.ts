import { getServers } from 'node:dns';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootMachines, type Machines } from '../rig/machines.js';
import { missingEngine, type Rig, rig } from './rig.js';

const missing = await missingEngine();

describe.skipIf(missing !== undefined)(
  `a cluster behind a load balancer that exists${missing ? ` (${missing})` : ''}`,
  { shuffle: false },
  () => {
    let machines: Machines;
    let it: Rig;
    let balancer: Server;
    let balanced = 0;

    beforeAll(async () => {
      machines = await bootMachines(['cp', 'w'], { subnet: '10.213.13' });
      it = await rig('');
      const [cp, w] = machines.hosts;
      // The gateway of their network is this machine.
      balancer = createServer((client) => {
        balanced += 1;
        const server = connect(6443, cp?.address);
        for (const [from, to] of [
          [client, server],
          [server, client],
        ] as const) {
          from.pipe(to);
          from.on('error', () => to.destroy());
        }
      }).listen(0, '10.213.13.1');
      await once(balancer, 'listening');
      const { port } = balancer.address() as AddressInfo;
      await writeFile(
        it.file,
        `apiVersion: kubewright/v1alpha1
name: ${it.name}
provider:
  hosts: {user: root, identityFile: ${machines.identityFile}, hostKey: {pinned: ["${machines.hostKey}"]}}
nodes:
  control-plane: {hosts: [{name: cp, address: ${cp?.address}}]}
  workers: {hosts: [{name: w, address: ${w?.address}}]}
api: {endpoint: {loadBalancer: "10.213.13.1:${port}"}}
network: {upstreamDns: [${getServers()[0]}]}
`,
      );
    });
    afterAll(async () => {
      await it?.[Symbol.asyncDispose]();
      await machines?.[Symbol.asyncDispose]();
      balancer?.close();
    });

    test('has everybody come through it, and no load balancer of its own', async () => {
      const { code, stderr } = await it.run('up');
      expect(code, stderr).toBe(0);
      const { port } = balancer.address() as AddressInfo;
      expect(await readFile(it.kubeconfig, 'utf8')).toContain(`https://10.213.13.1:${port}`);
      const before = balanced;
      expect(await it.kubectl('get', 'nodes', '--no-headers')).toMatch(/cp +Ready[\s\S]*w +Ready/);
      expect(balanced).toBeGreaterThan(before);
      for (const { container } of machines.hosts) {
        const { stdout } = await execa('docker', [
          'exec',
          container,
          'sh',
          '-c',
          'cat /etc/kubernetes/admin.conf /etc/kubernetes/kubelet.conf 2>/dev/null; ls /opt/kubewright 2>&1 || :',
        ]);
        expect(stdout).toContain(`https://10.213.13.1:${port}`);
        expect(stdout).toContain('No such file');
      }
    });

    test('is left alone by a second up', async () => {
      const { code, stdout, stderr } = await it.run('up');
      expect(code, stderr).toBe(0);
      expect(`${stdout}${stderr}`).toContain('nothing changed');
    });
  },
);
