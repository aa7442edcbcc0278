import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { Event } from '../../src/core/events.js';
import { createLinesReporter, type LinesOptions } from '../../src/ui/lines.js';
import { createPaint, marksFor } from '../../src/ui/theme.js';
import { createManualClock, type ManualClock } from '../core/manual-clock.js';
import { story, type Told } from './story.js';

/** All that is written of a story; the time of day begins at noon. */
async function linesOf(told: readonly Told[], verbosity: LinesOptions['verbosity'] = 'normal', until = 0) {
  const clock: ManualClock = createManualClock();
  const stream = new PassThrough();
  const written = text(stream);
  const reporter = createLinesReporter({
    ...{ stream, verbosity, clock, theme: { paint: createPaint(false), marks: marksFor(true) } },
    timeOfDay: () => new Date(Date.UTC(2026, 0, 1, 12) + clock.now()).toISOString().slice(11, 19),
  });
  for (const { at, event } of told) {
    await clock.advance(at - clock.now());
    reporter.emit(event);
  }
  await clock.advance(Math.max(0, until - clock.now()));
  await reporter.close();
  stream.end();
  return `\n${await written}`;
}

test('each change of state is a line with its time, host, step and duration; an error is whole', async () => {
  expect(await linesOf(await story({ workers: 1, failing: true }))).toMatchInlineSnapshot(`
    "
    12:00:00                Artifacts come from the cache: all 23 are there.
    12:00:00                up demo: 2 hosts, 11 steps
    12:00:00  this machine  have the artifacts for amd64: 1 change: artifacts
    12:00:00  this machine  make the network of the nodes: 1 change: network
    12:00:00  this machine  ✓ make the network of the nodes: changed, 500 ms
    12:00:00  cp-1          boot the machine: 1 change: cp-1/boot
    12:00:00  worker-1      boot the machine: 1 change: worker-1/boot
    12:00:03  this machine  ✓ have the artifacts for amd64: changed, 3.0 s
    12:00:05  cp-1          ✓ boot the machine: changed, 5.4 s
    12:00:06  cp-1          prepare the host: binaries, containerd, images: 1 change: cp-1/prepare
    12:00:07  worker-1      ✓ boot the machine: changed, 6.6 s
    12:00:07  worker-1      prepare the host: binaries, containerd, images: 1 change: worker-1/prepare
    12:00:08  worker-1      ✗ prepare the host: binaries, containerd, images: failed after 1.7 s
      containerd did not start: systemctl ended with exit code 1 (remote-command-failed)
      $ systemctl restart containerd
      │ Job for containerd.service failed because the control process exited with error code.
      │ containerd[412]: failed to create shim: no space left on device
      → Make room under /var/lib/containerd on that host, then run the same command again.
    12:00:08  worker-1      – join the cluster (kubeadm join): skipped, since worker-1/prepare failed
    12:00:08  this machine  – wait for the nodes to be Ready: skipped, since worker-1/prepare failed
    12:00:08  this machine  – merge the kubeconfig: skipped, since worker-1/prepare failed
    12:00:13  cp-1          ✓ prepare the host: binaries, containerd, images: changed, 7.3 s
    12:00:13  cp-1          start the control plane (kubeadm init): 1 change: cp-1/init
    12:00:22  cp-1          ✓ start the control plane (kubeadm init): changed, 9.2 s
    12:00:22  this machine  install the network, kube-proxy and CoreDNS: 1 change: addons
    12:00:23  this machine  ✓ install the network, kube-proxy and CoreDNS: changed, 1.4 s
    12:00:23                up demo failed: 1 failed, 3 skipped, 7 changed, after 24 s
    "
  `);
});

test('quiet: failures only', async () => {
  const told = await story({ workers: 1, failing: true });
  const quiet = await linesOf(told, 'quiet');
  expect(quiet).toMatch(
    /^\n\S+ {2}worker-1 {6}✗ prepare the host: .*\n {2}containerd did not start: .*\n {2}\$ systemctl/,
  );
  expect(quiet.match(/^\d\d:/gm)).toHaveLength(1);
  expect(await linesOf(await story({ workers: 1 }), 'quiet')).toBe('\n');
});

test('verbose: each line of output too', async () => {
  const verbose = await linesOf(await story({ workers: 1 }), 'verbose');
  expect(verbose).toContain('cp-1          | [kubelet-check] Waiting for a healthy kubelet');
  expect(verbose).toContain('cp-1          boot the machine: looking');
});

const begin = (host: string | undefined, id: string, title: string): Event => ({
  ...{ type: 'step', id, title, phase: 'p', host, state: 'checking' },
});

test('a step that says nothing is asked after every 20 seconds, with what it said last', async () => {
  const told = [
    { at: 0, event: begin('cp-1', 'cp-1/init', 'kubeadm init') },
    { at: 15_000, event: { type: 'output', id: 'cp-1/init', host: 'cp-1', stream: 'stdout', line: '[wait]' } },
  ] as const;
  expect(await linesOf(told, 'normal', 65_000)).toBe(
    [
      '',
      '12:00:20  cp-1          kubeadm init: still running, 20 s, [wait]',
      '12:00:40  cp-1          kubeadm init: still running, 40 s, [wait]',
      '12:01:00  cp-1          kubeadm init: still running, 1 min, [wait]',
      '',
    ].join('\n'),
  );
});

test('a step that is silent on many hosts is told in one line', async () => {
  const told = Array.from({ length: 40 }, (_, at) => ({
    at: 0,
    event: begin(`w-${at}`, `w-${at}/x`, 'import images'),
  }));
  const here = { at: 0, event: begin(undefined, 'build', 'build kubelet') };
  const progress = { type: 'progress', id: 'build', done: 3, total: 7, unit: 'items', what: 'k8s.io/api' } as const;
  expect(await linesOf([...told, here, { at: 0, event: progress }], 'normal', 25_000)).toBe(
    [
      '',
      '12:00:20  this machine  build kubelet: still running, 20 s, 3 of 7, k8s.io/api',
      '12:00:20                import images: still running on 40 hosts (w-0, w-1, w-2 and 37 more), 20 s',
      '',
    ].join('\n'),
  );
});

test('with verbose output a step that talks is not asked after', async () => {
  const told = Array.from({ length: 6 }, (_, at) => ({
    at: at * 10_000,
    event: { type: 'output', id: 'a/x', host: 'a', stream: 'stdout', line: `${at}` } as const,
  }));
  const lines = await linesOf([{ at: 0, event: begin('a', 'a/x', 'talk') }, ...told], 'verbose', 50_000);
  expect(lines).not.toContain('still');
});

test('notes and warnings are lines; under plan it is told what would change and what is not known yet', async () => {
  const head = { type: 'step', id: 'a/x', title: 'write files', phase: 'p', host: 'a' } as const;
  const changes = ['/etc/a', '/etc/b', '/etc/c'].map((what) => ({ action: 'create', what }) as const);
  const told: Told[] = [
    { at: 0, event: { type: 'note', level: 'info', text: 'from the cache' } },
    { at: 0, event: { type: 'note', level: 'warning', text: 'the lock was stale\nreally' } },
    { at: 0, event: { ...head, state: 'drifted', changes } },
    { at: 0, event: { ...head, id: 'a/y', title: 'join', state: 'unknown', because: 'a/x', ms: 1 } },
  ];
  expect(await linesOf(told)).toBe(
    [
      '',
      '12:00:00                from the cache',
      '12:00:00                warning: the lock was stale',
      '12:00:00                warning: really',
      '12:00:00  a             write files: 3 changes: /etc/a, /etc/b and 1 more',
      '12:00:00  a             ? join: can be told when a/x is done',
      '',
    ].join('\n'),
  );
});
