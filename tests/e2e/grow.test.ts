import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askApi, askFromNode, deployWeb, readyNodes, serviceStarts, untilReady } from './requests.js';
import { eventually, missingEngine, type Rig, rig } from './rig.js';

const missing = await missingEngine();
const CONTROL_PLANES = ['control-plane-1', 'control-plane-2', 'control-plane-3'];

describe.skipIf(missing !== undefined)(
  `a cluster that grows and loses nodes${missing ? ` (${missing})` : ''}`,
  { shuffle: false },
  () => {
    let it: Rig;
    beforeAll(async () => {
      it = await rig(`provider: {local: {}}
nodes:
  control-plane: {count: 1} # the brain
  workers:
    # those that work
    count: 1
`);
    });
    afterAll(async () => {
      await it[Symbol.asyncDispose]();
    });

    const container = (node: string) => `${it.name}-${node}`;

    /** Nothing gets in any more, as if somebody had pulled the plug: a stopped container would simply be started again. */
    const cutOff = (node: string) =>
      it.docker(
        ...['exec', container(node), 'nft'],
        'add table inet down; add chain inet down in { type filter hook input priority -300; policy drop; }; add rule inet down in iif lo accept',
      );
    const reconnect = (node: string) => it.docker('exec', container(node), 'nft', 'delete table inet down');

    test('is made small', async () => {
      const { code, stderr } = await it.run('up');
      expect(code, stderr).toBe(0);
    });

    test('grows to three control planes and two workers by one command, which touches no node that is there', async () => {
      const before = [await serviceStarts(it, 'control-plane-1'), await serviceStarts(it, 'workers-1')];
      const planned = await it.run('plan');
      expect(planned.code, planned.stdout).toBe(0);
      const { code, stderr } = await it.run('scale', 'control-plane=3', 'workers=2');
      expect(code, stderr).toBe(0);
      expect(await readyNodes(it)).toEqual([...CONTROL_PLANES, 'workers-1', 'workers-2']);
      expect([await serviceStarts(it, 'control-plane-1'), await serviceStarts(it, 'workers-1')]).toEqual(before);
      const config = await readFile(it.file, 'utf8');
      expect(config).toContain('control-plane: {count: 3} # the brain');
      expect(config).toMatch(/# those that work\n {4}count: 2\n/);
    });

    test('has nothing left to plan then', async () => {
      const { code, stdout } = await it.run('plan');
      expect(code, stdout).toBe(0);
    });

    test.each(CONTROL_PLANES)(
      'goes on answering its operator and its pods while %s is stopped',
      { timeout: 300_000 },
      async (node) => {
        const worker = 'workers-1';
        const stop = it.docker('stop', '-t', '20', container(node));
        const [operator, pod, kubelet] = await Promise.all([
          askApi(it, 40, stop),
          askFromNode(it, worker, 'https://10.96.0.1/readyz', 40, 'pod'),
          askFromNode(it, worker, 'https://127.0.0.1:7443/readyz', 40, 'host'),
          stop,
        ]);
        process.stdout.write(`${node} stopped: ${JSON.stringify({ operator, pod, kubelet })}\n`);
        await it.docker('start', container(node));
        await untilReady(it, [...CONTROL_PLANES, 'workers-1', 'workers-2'], 120);
        expect(operator.count).toBeGreaterThan(20);
        expect(operator.failures.filter((at) => at > 5)).toEqual([]);
        expect(kubelet.failures.filter((at) => at > 5)).toEqual([]);
        // A Service's endpoint of a server that is gone is taken out after 15 s, by Kubernetes itself.
        expect(pod.failures.filter((at) => at > 30)).toEqual([]);
        expect((await it.run('up')).code).toBe(0);
      },
    );

    test('refuses to let go what etcd needs, with the numbers', async () => {
      await cutOff('control-plane-3');
      const { code, stderr } = await it.run('node', 'replace', 'control-plane-2', '--yes');
      await reconnect('control-plane-3');
      await untilReady(it, [...CONTROL_PLANES, 'workers-1', 'workers-2'], 120);
      expect(code).toBe(1);
      expect(stderr).toMatch(/1 of 2 etcd members would be healthy, and 2 are needed/);
      expect(await readyNodes(it)).toContain('control-plane-2');
    });

    test('has its first control plane replaced when that is lost for good, and nothing refers to it any more', async () => {
      const others = await Promise.all(['control-plane-2', 'workers-1'].map((node) => serviceStarts(it, node)));
      const old = await it.docker(...['inspect', '--format', '{{.Id}}', container('control-plane-1')]);
      await it.docker('rm', '-fv', container('control-plane-1'));
      const refused = await it.run('node', 'replace', 'control-plane-1');
      expect(refused.code).not.toBe(0);
      const { code, stderr } = await it.run('node', 'replace', 'control-plane-1', '--yes', '--force-unreachable');
      expect(code, stderr).toBe(0);
      expect(await readyNodes(it)).toEqual([...CONTROL_PLANES, 'workers-1', 'workers-2']);
      expect(await it.docker('inspect', '--format', '{{.Id}}', container('control-plane-1'))).not.toBe(old);
      expect(await Promise.all(['control-plane-2', 'workers-1'].map((node) => serviceStarts(it, node)))).toEqual(
        others,
      );
      const members = await it.run('status', '-o', 'json');
      expect(members.code, members.stdout).toBe(0);
      expect((await it.run('plan')).code).toBe(0);
    });

    test('makes a machine anew that somebody deleted, by a plain up', async () => {
      await it.docker('rm', '-fv', container('workers-2'));
      const planned = await it.run('plan');
      expect(planned.code).toBe(2);
      expect(planned.stdout).toContain(`machine ${container('workers-2')} (missing)`);
      expect((await it.run('up')).code).toBe(0);
      expect(await readyNodes(it)).toEqual([...CONTROL_PLANES, 'workers-1', 'workers-2']);
    });

    test('shrinks and grows under a running Deployment without one failed request', { timeout: 600_000 }, async () => {
      const address = await deployWeb(it, 4);
      const untouched = await Promise.all([...CONTROL_PLANES, 'workers-1'].map((node) => serviceStarts(it, node)));
      const loop = askFromNode(it, 'control-plane-2', `http://${address}/health`, 150, 'host');
      const grown = await it.run('scale', 'workers=4');
      expect(grown.code, grown.stderr).toBe(0);
      await it.kubectl('rollout', 'restart', 'deployment/web');
      await it.kubectl('rollout', 'status', 'deployment/web', '--timeout=120s');
      const shrunk = await it.run('scale', 'workers=1', '--yes');
      expect(shrunk.code, shrunk.stderr).toBe(0);
      const { count, failures } = await loop;
      process.stdout.write(`workers 2 → 4 → 1: ${JSON.stringify({ count, failures })}\n`);
      expect(await readyNodes(it)).toEqual([...CONTROL_PLANES, 'workers-1']);
      expect(failures).toEqual([]);
      expect(count).toBeGreaterThan(300);
      expect(await Promise.all([...CONTROL_PLANES, 'workers-1'].map((node) => serviceStarts(it, node)))).toEqual(
        untouched,
      );
      expect(await it.docker('ps', '-aq', '--filter', `name=${container('workers-2')}`)).toBe('');
    });

    test('says what blocks when a disruption budget allows nobody to leave, and changes nothing but the cordon', async () => {
      expect((await it.run('scale', 'workers=2')).code).toBe(0);
      await it.kubectl('rollout', 'restart', 'deployment/web');
      await it.kubectl('rollout', 'status', 'deployment/web', '--timeout=120s');
      await it.kubectl('patch', 'poddisruptionbudget', 'web', '-p', '{"spec":{"maxUnavailable":0}}');
      const { code, stderr } = await it.run('node', 'remove', 'workers-2', '--yes', '--drain-timeout', '10');
      expect(code).toBe(1);
      expect(stderr).toMatch(/default\/web-\S+: Cannot evict pod as it would violate the pod's disruption budget/);
      await it.kubectl('patch', 'poddisruptionbudget', 'web', '-p', '{"spec":{"maxUnavailable":1}}');
      const again = await it.run('up', '--yes');
      expect(again.code, again.stderr).toBe(0);
      expect(await readyNodes(it)).toEqual([...CONTROL_PLANES, 'workers-1']);
    });

    test('goes on with the rest when a node is down, and names what is missing', async () => {
      await cutOff('workers-1');
      try {
        const plan = await it.run('plan');
        expect(plan.stdout).toMatch(/workers-1[\s\S]*answer|workers-1[\s\S]*connect/);
        const status = await it.run('status');
        expect(status.code).toBe(1);
        expect(status.stdout).toMatch(/workers-1/);
        const scale = await it.run('scale', 'workers=2');
        expect(scale.code).toBe(1);
        expect(scale.stderr).toContain('workers-1');
        expect(await it.kubectl('get', 'node', 'workers-2', '--no-headers')).toMatch(/ Ready /);
      } finally {
        await reconnect('workers-1');
      }
      const { code, stderr } = await it.run('up');
      expect(code, stderr).toBe(0);
      expect(await readyNodes(it)).toEqual([...CONTROL_PLANES, 'workers-1', 'workers-2']);
    });

    test('converges labels and taints that cluster.yaml changes', async () => {
      const config = await readFile(it.file, 'utf8');
      await writeFile(
        it.file,
        config.replace('    count: 2\n', '    count: 2\n    labels: {tier: web}\n    taints: ["gpu=yes:NoSchedule"]\n'),
      );
      expect((await it.run('up')).code).toBe(0);
      const node = JSON.parse(await it.kubectl('get', 'node', 'workers-2', '-o', 'json'));
      expect(node.metadata.labels).toMatchObject({ tier: 'web' });
      expect(node.spec.taints).toMatchObject([{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }]);
      await writeFile(it.file, config);
      expect((await it.run('up')).code).toBe(0);
      const back = JSON.parse(await it.kubectl('get', 'node', 'workers-2', '-o', 'json'));
      expect(back.metadata.labels.tier).toBeUndefined();
      expect(back.spec.taints ?? []).toEqual([]);
    });

    test('has its API servers answer to a name that cluster.yaml adds, without restarting one', async () => {
      const config = await readFile(it.file, 'utf8');
      await writeFile(it.file, `${config}api: {extraNames: [api.example.com]}\n`);
      const planned = await it.run('plan');
      expect(planned.stdout).toContain('apiserver.crt (lacks api.example.com)');
      const { code, stderr } = await it.run('up');
      expect(code, stderr).toBe(0);
      for (const node of CONTROL_PLANES) {
        const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
        const address = await it.docker('inspect', '--format', format, container(node));
        await eventually(`the API server of ${node} to show its new certificate`, 120, async () =>
          (await namesShown(address)).includes('DNS:api.example.com') ? true : undefined,
        );
      }
      expect((await it.run('plan')).code).toBe(0);
    });
  },
);

/** The names in the certificate that an API server shows. */
function namesShown(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port: 6443, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? '');
      socket.destroy();
    });
    socket.setTimeout(5000, () => socket.destroy(new Error('no answer')));
    socket.on('error', reject);
  });
}
