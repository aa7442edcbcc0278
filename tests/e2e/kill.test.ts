import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readyNodes } from './requests.js';
import { missingEngine, type Rig, rig } from './rig.js';

const missing = await missingEngine();

/** A moment of a run: a step begins to change something, or says something while it does. */
interface Moment {
  /** One of several begins first: `|` between them. */
  readonly step: string;
  readonly says?: RegExp;
}

/** The control planes that join, in either order. */
const SECOND = 'control-plane-2/join|control-plane-3/join';

/** In the order in which a run comes by them; each run is ended at the next. */
const OF_UP: readonly Moment[] = [
  { step: 'local/network' },
  { step: 'control-plane-2/machine' },
  { step: 'workers-1/prepare' },
  { step: 'control-plane-1/prepare' },
  { step: 'control-plane-1/init' },
  { step: 'control-plane-1/init', says: /\[control-plane\] Creating static Pod manifest/ },
  { step: 'kubeconfig' },
  { step: 'control-plane-1/addons' },
  { step: 'workers-1/join' },
  { step: SECOND },
  { step: SECOND, says: /\[etcd\] Announced new etcd member/ },
  { step: SECOND, says: /\[etcd\] Waiting for the new etcd member/ },
  { step: SECOND, says: /Waiting for the kubelet to perform the TLS Bootstrap/ },
  { step: 'cluster/labels' },
];

const OF_SHRINKING: readonly Moment[] = [
  { step: 'control-plane-3/leave' },
  { step: 'control-plane-3/leave', says: /evict|drained|cordoned/ },
  { step: 'control-plane-3/remove-machine' },
];

describe.skipIf(missing !== undefined)(
  `a highly available cluster whose operator is killed over and over${missing ? ` (${missing})` : ''}`,
  { shuffle: false },
  () => {
    let it: Rig;
    beforeAll(async () => {
      it = await rig('provider: {local: {}}\nnodes: {control-plane: {count: 3}, workers: {count: 1}}\n');
    });
    afterAll(async () => {
      await it[Symbol.asyncDispose]();
    });

    /** Runs the CLI and kills it with SIGKILL at that moment. */
    async function killAt({ step, says }: Moment, ...args: readonly string[]) {
      const running = it.start(...args, '-o', 'json');
      const seen: string[] = [];
      for await (const line of running) {
        const event = JSON.parse(line);
        const isIt = step.split('|').includes(event.id);
        const isStep = isIt && event.type === 'step' && event.state === 'applying';
        const isSaid = isIt && event.type === 'output' && says?.test(event.line);
        if (event.type === 'step') seen.push(`${event.id} ${event.state}`);
        if (says === undefined ? isStep : isSaid) {
          running.kill('SIGKILL');
          break;
        }
      }
      const { signal, stdout } = await running;
      return { signal, seen, stdout };
    }

    const onControlPlanes = async (script: string) => {
      const names = ['control-plane-1', 'control-plane-2', 'control-plane-3'];
      const { stdout } = await it.run('exec', ...names, '-o', 'json', '--', 'sh', '-c', script);
      const results = JSON.parse(stdout.trim().split('\n').at(-1) ?? '').result as readonly { stdout: string }[];
      return results.map((result) => result.stdout.trim());
    };

    test.each(OF_UP)('is killed at $step $says', { timeout: 300_000 }, async (moment) => {
      const { signal, seen, stdout } = await killAt(moment, 'up');
      expect(signal, `${moment.step} never came: ${seen.join('\n')}\n${stdout.slice(-2000)}`).toBe('SIGKILL');
    });

    test('converges with one up: one cluster, three members of etcd, no node twice', { timeout: 600_000 }, async () => {
      const { code, stderr } = await it.run('up');
      expect(code, stderr).toBe(0);
      expect(await readyNodes(it)).toEqual(['control-plane-1', 'control-plane-2', 'control-plane-3', 'workers-1']);
      expect(new Set(await onControlPlanes('sha256sum /etc/kubernetes/pki/ca.crt | cut -d" " -f1')).size).toBe(1);
      const status = await it.run('status', '-o', 'json');
      expect(status.code, status.stdout).toBe(0);
      const { etcd } = JSON.parse(status.stdout.trim().split('\n').at(-1) ?? '').result;
      expect(etcd.members).toHaveLength(3);
      expect((await it.run('plan')).code).toBe(0);
    });

    test.each(OF_SHRINKING)('is killed at $step $says while it shrinks', { timeout: 300_000 }, async (moment) => {
      const { signal, seen, stdout } = await killAt(moment, 'scale', 'control-plane=1', '--yes');
      expect(signal, `${moment.step} never came: ${seen.join('\n')}\n${stdout.slice(-2000)}`).toBe('SIGKILL');
    });

    test('has shrunk after one more up, and nothing of what left is there', { timeout: 600_000 }, async () => {
      const { code, stderr } = await it.run('up', '--yes');
      expect(code, stderr).toBe(0);
      expect(await readyNodes(it)).toEqual(['control-plane-1', 'workers-1']);
      const containers = await it.docker('ps', '-a', '--filter', `name=${it.name}`, '--format', '{{.Names}}');
      expect(containers.split('\n').sort()).toEqual([`${it.name}-control-plane-1`, `${it.name}-workers-1`]);
      expect((await it.run('plan')).code).toBe(0);
    });
  },
);
