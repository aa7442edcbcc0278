import { readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { eventually, missingEngine, type Rig, rig } from './rig.js';

const missing = await missingEngine();

describe.skipIf(missing !== undefined)(
  `a cluster on this machine${missing ? ` (${missing})` : ''}`,
  { shuffle: false },
  () => {
    let it: Rig;
    beforeAll(async () => {
      it = await rig(`provider: {local: {}}
nodes:
  control-plane: {count: 1}
  workers: {count: 2, labels: {tier: web}}
`);
    });
    afterAll(async () => {
      await it[Symbol.asyncDispose]();
    });

    test('goes from nothing to three Ready nodes with one command, and shows them', async () => {
      const { code, stdout, stderr } = await it.run('up');
      expect(stderr).not.toContain('error');
      expect(code, stderr).toBe(0);
      for (const node of ['control-plane-1', 'workers-1', 'workers-2']) {
        expect(stdout).toMatch(new RegExp(`^${node} +Ready`, 'm'));
      }
      expect(stdout).toContain('v1.36.3');
      const nodes = JSON.parse(await it.kubectl('get', 'nodes', '-o', 'json')).items;
      expect(nodes).toHaveLength(3);
      expect(nodes[1].metadata.labels).toMatchObject({ tier: 'web', 'kubewright.dev/pool': 'workers' });
    });

    test('has a kubeconfig that nobody else may read, with a context of its name', async () => {
      expect((await stat(it.kubeconfig)).mode & 0o777).toBe(0o600);
      const config = parse(await readFile(it.kubeconfig, 'utf8'));
      expect(config['current-context']).toBe(it.name);
    });

    test('is left alone by a second up, which says so and asks each host once', async () => {
      const { code, stdout } = await it.run('up', '-o', 'json');
      expect(code).toBe(0);
      const events = stdout.split('\n').map((line) => JSON.parse(line));
      const finished = events.find((event) => event.type === 'run' && event.state === 'finished');
      expect(finished).toMatchObject({ result: 'done', changed: 0 });
      const human = await it.run('up');
      expect(`${human.stdout}${human.stderr}`).toContain('nothing changed');
    });

    test('has nothing left to plan', async () => {
      const { code, stdout } = await it.run('plan');
      expect(stdout).not.toContain('error');
      expect(code, stdout).toBe(0);
    });

    test('is healthy by its status', async () => {
      const { code, stdout } = await it.run('status', '-o', 'json');
      expect(code, stdout).toBe(0);
      const { result } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
      expect(result).toMatchObject({ apiReachable: true, healthy: true });
      expect(result.nodes.every((node: { ready: boolean }) => node.ready)).toBe(true);
      expect(Date.parse(result.nodes[0].certificatesExpire)).toBeGreaterThan(Date.now());
    });

    test('resolves names by its DNS and answers through a Service from another node', async () => {
      // The only images that are surely there are the cluster's own: CoreDNS serves HTTP health, so it is the backend.
      await it.kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=120s');
      const dns = (
        await it.kubectl('-n', 'kube-system', 'get', 'service', 'kube-dns', '-o', 'jsonpath={.spec.clusterIP}')
      ).trim();
      await it.kubectl('-n', 'kube-system', 'create', 'service', 'clusterip', 'health', '--tcp=80:8080');
      await it.kubectl('-n', 'kube-system', 'set', 'selector', 'service/health', 'k8s-app=kube-dns');
      const ip = (
        await it.kubectl('-n', 'kube-system', 'get', 'service', 'health', '-o', 'jsonpath={.spec.clusterIP}')
      ).trim();
      const pods = JSON.parse(
        await it.kubectl('-n', 'kube-system', 'get', 'pods', '-l', 'k8s-app=kube-dns', '-o', 'json'),
      ).items;
      const where = pods.map((pod: { spec: { nodeName: string } }) => pod.spec.nodeName);
      for (const node of ['control-plane-1', 'workers-1', 'workers-2']) {
        const answer = await eventually(
          `the Service to answer from ${node} (its pods are on ${where})`,
          60,
          async () => {
            const { code, stdout } = await it.run(
              'exec',
              node,
              '--',
              'curl',
              '-fsS',
              '--max-time',
              '3',
              `http://${ip}/health`,
            );
            return code === 0 ? stdout : undefined;
          },
        );
        expect(answer).toContain('OK');
      }
      const lookup = `exec 3<>/dev/tcp/${dns}/53; printf '\\0\\66\\22\\64\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\12kubernetes\\7default\\3svc\\7cluster\\5local\\0\\0\\1\\0\\1' >&3; timeout 2 cat <&3 | od -An -v -tu1`;
      const { stdout } = await it.run('exec', 'workers-1', '--', 'bash', '-c', lookup);
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain('10 96 0 1');
    });

    test('runs a pod on each worker, and they reach each other across nodes', async () => {
      const image = 'registry.k8s.io/coredns/coredns';
      const tag = (
        await it.kubectl(
          '-n',
          'kube-system',
          'get',
          'deployment',
          'coredns',
          '-o',
          'jsonpath={.spec.template.spec.containers[0].image}',
        )
      )
        .split(':')
        .at(-1);
      for (const node of ['workers-1', 'workers-2']) {
        await it.kubectl(
          'run',
          `web-${node}`,
          `--image=${image}:${tag}`,
          '--image-pull-policy=Never',
          `--overrides=${JSON.stringify({ spec: { nodeName: node } })}`,
          '--',
          '-dns.port=1053',
        );
      }
      const addresses = await eventually('both pods to run', 90, async () => {
        const { items } = JSON.parse(await it.kubectl('get', 'pods', '-o', 'json'));
        const running = items.filter((pod: { status: { phase: string } }) => pod.status.phase === 'Running');
        return running.length === 2 ? running.map((pod: { status: { podIP: string } }) => pod.status.podIP) : undefined;
      });
      for (const node of ['workers-1', 'workers-2']) {
        for (const address of addresses) {
          const { code } = await it.run('exec', node, '--', 'ping', '-c', '1', '-W', '3', address);
          expect(code, `${node} → ${address}`).toBe(0);
        }
      }
    });

    test('can be gone into by ssh, and a command on all hosts shows whose output is whose', async () => {
      const { code, stdout } = await it.run('ssh', 'workers-1', '--', 'hostname');
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'workers-1' });
      const all = await it.run('exec', '--all', '--', 'hostname');
      expect(all.code).toBe(0);
      expect(all.stdout).toMatch(/workers-2.*workers-2/);
    });

    test("is left with each host's own resolver as it was, and no python is needed", async () => {
      const { stdout } = await it.run(
        'exec',
        'workers-1',
        '--',
        'sh',
        '-c',
        'command -v python3 || echo none; cat /etc/resolv.conf',
      );
      expect(stdout).toContain('none');
      expect(stdout).toContain('127.0.0.11');
    });

    test('leaves no join token, key or kubeconfig in any log of the run', async () => {
      const { execa } = await import('execa');
      const config = parse(await readFile(it.kubeconfig, 'utf8'));
      const key = config.users[0].user['client-key-data'].slice(100, 160);
      const found = await execa(
        'grep',
        [
          '-rlE',
          `${key}|[a-z0-9]{6}\\.[a-z0-9]{16}|BEGIN (RSA|EC|OPENSSH)? ?PRIVATE`,
          `${it.folder}/state/clusters/${it.name}/runs`,
        ],
        { reject: false },
      );
      expect(found.stdout).toBe('');
      expect(found.exitCode).toBe(1);
    });

    test('comes back Ready after its machines were stopped and started, at the same addresses', async () => {
      const names = (
        await it.docker('ps', '--filter', `label=kubewright.cluster=${it.name}`, '--format', '{{.Names}}')
      ).split('\n');
      expect(names).toHaveLength(3);
      await it.docker('stop', '-t', '10', ...names);
      await it.docker('start', ...names);
      await eventually('three Ready nodes after the restart', 120, async () => {
        const { items } = JSON.parse(await it.kubectl('get', 'nodes', '-o', 'json'));
        const ready = items.filter(
          (node: { status: { conditions: { type: string; status: string; lastHeartbeatTime: string }[] } }) =>
            node.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
        );
        return ready.length === 3 ? true : undefined;
      });
      const { code, stderr } = await it.run('up');
      expect(code, stderr).toBe(0);
    });

    test('heals what somebody broke: a stopped containerd, a removed binary, an edited file', async () => {
      await it.run(
        'exec',
        'workers-2',
        '--',
        'sh',
        '-c',
        'rm /usr/local/bin/kubeadm; echo "# edited" >> /etc/containerd/config.toml; systemctl stop kubelet',
      );
      const planned = await it.run('plan');
      expect(planned.code).toBe(2);
      expect(planned.stdout).toContain('/usr/local/bin/kubeadm');
      expect(planned.stdout).toContain('/etc/containerd/config.toml');
      expect(planned.stdout).toContain('-# edited');
      expect(planned.stdout).not.toContain('workers-1');
      expect((await it.run('up')).code).toBe(0);
      expect((await it.run('plan')).code).toBe(0);
    });

    test('is asked for by name before it is taken down, and then leaves nothing', async () => {
      const refused = await it.run('down');
      expect(refused.code).not.toBe(0);
      expect(await it.docker('ps', '-q', '--filter', `label=kubewright.cluster=${it.name}`)).not.toBe('');
      const { code, stderr } = await it.run('down', '--yes');
      expect(code, stderr).toBe(0);
      const label = ['--filter', `label=kubewright.cluster=${it.name}`];
      expect(await it.docker('ps', '-aq', ...label)).toBe('');
      expect(await it.docker('network', 'ls', '-q', ...label)).toBe('');
      expect(await it.docker('volume', 'ls', '-q', ...label)).toBe('');
      expect(await readFile(it.kubeconfig, 'utf8')).not.toContain(it.name);
      await expect(stat(`${it.folder}/state/clusters/${it.name}`)).rejects.toThrow();
    });
  },
);
