import { describe, expect, test } from 'vitest';
import { type Fleet, type FleetResult, startFleet } from '../rig/fake-hosts/fleet.js';
import type { Happening } from '../rig/fake-hosts/machine.js';
import { expectDone, expectNothingLeft, expectOneCluster } from './expectations.js';

const SIZE = { controlPlanes: 3, workers: 2, payload: 'small' } as const;

/** Has something happen on a host once, when its script is about to do this. */
function once(fleet: Fleet, host: string, name: string, happening: Happening): void {
  const { behaviour } = fleet.machine(host);
  behaviour.at = (moment) => {
    if (!moment.name.startsWith(name)) return undefined;
    behaviour.at = undefined;
    return happening;
  };
}

function errorsOf(result: FleetResult): readonly string[] {
  return [...result.outcomes.values()].flatMap(({ error }) =>
    error === undefined ? [] : [`${error.host}: ${error.code}`],
  );
}

describe('connections that break', () => {
  test.each([5, 6, 7])('on every script number %i cost further runs, and nothing else', async (every) => {
    await using fleet = await startFleet(SIZE);
    for (const machine of fleet.world.machines.values()) machine.behaviour.dropEvery = every;
    let result = await fleet.up();
    expect(errorsOf(result).every((error) => /: (ssh-connection-lost|preflight-failed)$/.test(error))).toBe(true);
    for (let run = 2; run < 15 && result.result !== 'done'; run += 1) result = await fleet.up();
    expectDone(result);
    expectOneCluster(fleet);
  });

  test('are told with the host and what ran there', async () => {
    await using fleet = await startFleet(SIZE);
    once(fleet, 'worker-1', 'kubeadm: kubelet-start', 'cut');
    const result = await fleet.up();
    expect(result.error).toMatchObject({ code: 'ssh-connection-lost', host: 'worker-1', command: 'kubeadm join' });
    expectOneClusterSoFar(fleet);
    expectDone(await fleet.up());
    expectOneCluster(fleet);
  });
});

function expectOneClusterSoFar(fleet: Fleet): void {
  expect(fleet.world.count('etcd begun')).toBe(1);
}

describe('a full disk', () => {
  test('is found before anything is changed', async () => {
    await using fleet = await startFleet(SIZE);
    fleet.machine('worker-1').freeBytes = 300 * 2 ** 20;
    const result = await fleet.up();
    expect(result.error).toMatchObject({
      code: 'preflight-failed',
      message: expect.stringContaining('worker-1: only 300 MiB are free on the disk of /var/lib; 4096 MiB are needed'),
    });
    expect(result.changed).toBe(0);
  });

  test.each([
    ['while files are sent', 'receive /usr/local/bin/kubelet', 'host-disk-full', /The disk of worker-1 became full/],
    ['while it is prepared', 'put /etc/containerd', 'remote-command-failed', /prepare the host failed on worker-1/],
    ['while it joins', 'kubeadm: kubelet-start', 'remote-command-failed', /kubeadm join failed on worker-1/],
  ])('%s is told, and the next run goes on when there is room', async (_, moment, code, message) => {
    await using fleet = await startFleet(SIZE);
    once(fleet, 'worker-1', moment, 'disk full');
    const result = await fleet.up();
    expect(result.error).toMatchObject({ code, host: 'worker-1', message: expect.stringMatching(message) });
    expect(result.error?.output.join('\n')).toMatch(/no space left on device/i);
    expectOneCluster(fleet, ['worker-1']);
    fleet.machine('worker-1').freeBytes = 10 * 2 ** 30;
    expectDone(await fleet.up());
    expectOneCluster(fleet);
    await expectNothingLeft(fleet);
  });
});

describe('a machine that reboots in the midst', () => {
  test.each([
    ['cp-1', 'systemctl restart containerd'],
    ['cp-1', 'kubeadm: certs'],
    ['cp-1', 'kubeadm: kubelet-start'],
    ['cp-1', 'kubeadm: upload-config'],
    ['cp-1', 'kubeadm: bootstrap-token'],
    ['cp-1', 'rm -f /var/lib/kubewright/init-begun'],
    ['cp-2', 'kubeadm: discovery'],
    ['cp-2', 'kubeadm: control-plane-prepare'],
    ['cp-2', 'kubeadm: etcd-join (start)'],
    ['cp-2', 'kubeadm: etcd-join (promote)'],
    ['cp-2', 'rm -f /var/lib/kubewright/join-begun'],
    ['worker-1', 'bring '],
    ['worker-1', 'kubeadm: kubelet-wait-bootstrap'],
    ['worker-1', 'rm -f /var/lib/kubewright/join-begun'],
  ])('%s, before "%s", is named, and the next run goes on', async (host, moment) => {
    await using fleet = await startFleet(SIZE);
    once(fleet, host, moment, 'reboot');
    const result = await fleet.up();
    expect(errorsOf(result)).toContain(`${host}: ssh-connection-lost`);
    await fleet.machine(host).booted;
    expectDone(await fleet.up());
    expectOneCluster(fleet);
    await expectNothingLeft(fleet);
  });

  test('comes back with all that ran on it', async () => {
    await using fleet = await startFleet(SIZE);
    expectDone(await fleet.up());
    for (const machine of fleet.world.machines.values()) machine.reboot();
    await Promise.all([...fleet.world.machines.values()].map(({ booted }) => booted));
    await expectNothingLeft(fleet);
  });
});
