import { KubewrightError } from '../../src/core/errors.js';
import type { Event } from '../../src/core/events.js';
import { runGraph } from '../../src/core/scheduler.js';
import type { ChangeStep, Step, StepContext } from '../../src/core/step.js';
import { runStarted } from '../../src/core/step-events.js';
import { createManualClock } from '../core/manual-clock.js';

/** An event and its time, in milliseconds since the run began. */
export interface Told {
  readonly at: number;
  readonly event: Event;
}

/**
 * What an `up` of one control plane and `workers` workers says, at the times of a real one: told by the real
 * scheduler with steps that only pretend, so it is the same each time. With `failing` the last worker's containerd
 * does not start.
 */
export async function story(options: {
  readonly workers: number;
  readonly failing?: boolean;
}): Promise<readonly Told[]> {
  const { workers, failing = false } = options;
  const clock = createManualClock();
  const told: Told[] = [];
  const tell = (event: Event) => void told.push({ at: clock.now(), event });
  const wait = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));
  const say = async (context: StepContext, ms: number, lines: readonly string[]) => {
    for (const line of lines) {
      context.line(line);
      await wait(ms / lines.length);
    }
  };

  const step = (
    id: string,
    phase: string,
    title: string,
    needs: readonly string[],
    apply: ChangeStep['apply'],
  ): Step => {
    const host = id.includes('/') ? id.slice(0, id.indexOf('/')) : undefined;
    const check: ChangeStep['check'] = async () => {
      await wait(200);
      return { kind: 'drifted', changes: [{ action: 'run', what: id }] };
    };
    return { kind: 'change', id, phase, title, host, needs, timeoutMs: 600_000, check, apply };
  };
  const boot = (name: string) =>
    step(`${name}/boot`, 'machines', 'boot the machine', ['network'], async (context) => {
      await say(context, 4000 + 300 * name.length, ['Starting systemd-journald.service', 'Started ssh.service']);
    });
  const prepare = (name: string, at: number) =>
    step(
      `${name}/prepare`,
      'prepare',
      'prepare the host: binaries, containerd, images',
      [`${name}/boot`],
      async (context) => {
        await say(context, 1500, ['net.ipv4.ip_forward = 1', 'Created symlink /etc/systemd/system/containerd.service']);
        if (failing && at === workers) {
          throw new KubewrightError(
            'remote-command-failed',
            'containerd did not start: systemctl ended with exit code 1',
            {
              command: 'systemctl restart containerd',
              output: [
                'Job for containerd.service failed because the control process exited with error code.',
                'containerd[412]: failed to create shim: no space left on device',
              ],
              hint: 'Make room under /var/lib/containerd on that host, then run the same command again.',
            },
          );
        }
        const images = ['pause:3.10', 'kube-proxy:v1.36.3', 'coredns:v1.14.2', 'flannel:v0.28.10'];
        for (const [index, image] of images.entries()) {
          context.progress((index * 352e6) / 4, 352e6, 'bytes', `importing ${image}`);
          await wait(1400 + 150 * at);
        }
      },
    );
  const init = step(
    'cp-1/init',
    'control plane',
    'start the control plane (kubeadm init)',
    ['cp-1/prepare'],
    (context) =>
      say(context, 9000, [
        '[certs] Generating "ca" certificate and key',
        '[kubelet-check] Waiting for a healthy kubelet at http://127.0.0.1:10248/healthz',
        '[control-plane-check] kube-apiserver is healthy after 4.501s',
      ]),
  );
  const join = (name: string) =>
    step(`${name}/join`, 'join', 'join the cluster (kubeadm join)', [`${name}/prepare`, 'cp-1/init'], (context) =>
      say(context, 2500, ['[preflight] Reading configuration from the cluster…', 'This node has joined the cluster']),
    );

  const names = Array.from({ length: workers }, (_, at) => `worker-${at + 1}`);
  const steps = [
    step('artifacts', 'artifacts', 'have the artifacts for amd64', [], async (context) => {
      for (let done = 0; done < 7; done++) {
        context.progress(done, 7, 'items', `k8s.io/kubernetes/cmd/${['kubeadm', 'kubelet', 'kubectl'][done % 3]}`);
        await wait(400);
      }
    }),
    step('network', 'machines', 'make the network of the nodes', [], () => wait(300)),
    ...['cp-1', ...names].flatMap((name, at) => [boot(name), prepare(name, at)]),
    init,
    ...names.map(join),
    step('addons', 'add-ons', 'install the network, kube-proxy and CoreDNS', ['cp-1/init'], () => wait(1200)),
    step(
      'ready',
      'nodes',
      'wait for the nodes to be Ready',
      names.map((name) => `${name}/join`),
      async (context) => {
        for (let done = 1; done <= workers + 1; done++) {
          context.progress(done, workers + 1, 'items');
          await wait(700);
        }
      },
    ),
    step('kubeconfig', 'kubeconfig', 'merge the kubeconfig', ['ready', 'addons'], () => wait(100)),
  ];

  const hosts = [{ name: 'cp-1', role: 'control-plane' }, ...names.map((name) => ({ name, role: 'worker' }))];
  tell({ type: 'note', level: 'info', text: 'Artifacts come from the cache: all 23 are there.' });
  tell(runStarted('up', 'demo', hosts, steps));
  const never = new AbortController().signal;
  const running = runGraph(steps, { mode: 'apply', limits: {}, stop: never, abort: never, emit: tell, clock });
  await clock.advance(600_000);
  const { result, changed, unchanged } = await running;
  const last = told.at(-1)?.at ?? 0;
  told.push({ at: last, event: { type: 'run', state: 'finished', result, changed, unchanged, ms: last } });
  return told;
}
