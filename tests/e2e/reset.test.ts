import { getServers } from 'node:dns';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostReset, ResetResult } from '../../src/operations/results.js';
import { bootMachines, type Machines } from '../rig/machines.js';
import { missingEngine, type Rig, rig } from './rig.js';

const missing = await missingEngine();
const why = missing ? ` (${missing})` : '';

describe.skipIf(missing !== undefined)(`a reset of machines that kubewright made${why}`, { shuffle: false }, () => {
  let it: Rig;
  beforeAll(async () => {
    it = await rig('provider: {local: {}}\nnodes: {control-plane: {count: 1}, workers: {count: 0}}\n');
    expect((await it.run('up')).code).toBe(0);
  });
  afterAll(async () => {
    await it[Symbol.asyncDispose]();
  });

  test('is not made without the word of the user', async () => {
    const { code, stderr } = await it.run('reset');
    expect(code).toBe(1);
    expect(stderr).toContain('was not reset');
    expect(await it.kubectl('get', 'nodes', '--no-headers')).toContain('control-plane-1');
  });

  test('leaves the machine and what it is made of, and up makes a cluster on it again', async () => {
    const container = `${it.name}-control-plane-1`;
    const started = await it.docker('inspect', '--format', '{{.State.StartedAt}}', container);
    const { host, result } = await resetOne(it, 'control-plane-1');
    expect(host.removed).toContain('/etc/kubernetes');
    expect(host.left.map(({ what }) => what)).toContain('/opt/kubewright');
    expect(result.removed).toEqual([`context ${it.name} in ${it.kubeconfig}`]);
    expect(await readFile(it.kubeconfig, 'utf8')).not.toContain(it.name);
    const { code, stderr } = await it.run('up');
    expect(code, stderr).toBe(0);
    expect(await it.kubectl('get', 'nodes', '--no-headers')).toMatch(/control-plane-1 +Ready/);
    expect(await it.docker('inspect', '--format', '{{.State.StartedAt}}', container)).toBe(started);
  });
});

describe.skipIf(missing !== undefined)(`a reset of machines that exist${why}`, { shuffle: false }, () => {
  let machines: Machines;
  let it: Rig;
  let before: ReadonlyMap<string, string>;

  beforeAll(async () => {
    machines = await bootMachines(['cp', 'w'], { user: 'admin', subnet: '10.213.8' });
    it = await rig('');
    await writeFile(it.file, config());
    await on('w', 'echo "#!/bin/sh" > /usr/local/bin/kubectl; chmod 755 /usr/local/bin/kubectl');
    before = new Map([
      ['cp', await listing('cp')],
      ['w', await listing('w')],
    ]);
  });
  afterAll(async () => {
    await it?.[Symbol.asyncDispose]();
    await machines?.[Symbol.asyncDispose]();
  });

  function config(workers = `{name: w, address: ${machines.hosts[1]?.address}}`): string {
    const [cp] = machines.hosts;
    return `apiVersion: kubewright/v1alpha1
name: ${it.name}
provider: {hosts: {user: ${machines.user}, identityFile: ${machines.identityFile}, hostKey: {pinned: ["${machines.hostKey}"]}}}
nodes:
  control-plane: {hosts: [{name: cp, address: ${cp?.address}}]}
  workers: {hosts: [${workers}]}
network: {upstreamDns: [${getServers()[0]}]}
`;
  }

  async function on(host: string, script: string): Promise<string> {
    const container = machines.hosts.find(({ name }) => name === host)?.container ?? '';
    return (await execa('docker', ['exec', '-i', container, 'sh', '-s'], { input: script })).stdout;
  }

  /** Everything on a machine that a cluster could leave behind, one thing a line. */
  function listing(host: string): Promise<string> {
    return on(
      host,
      `cd /
for path in $(find /etc /opt /usr/local /var /root /home /run -xdev | grep -vE '^/(var/(log/journal|lib/systemd|lib/sudo|cache|tmp)|run/(systemd|log|sudo|user|credentials|lock))/|^/run/xtables.lock|/.sudo_as_admin_successful'); do echo "file $path"; done | sort
ls /sys/class/net /run/netns 2>/dev/null
nft list tables
find /sys/fs/cgroup -maxdepth 2 -type d | grep -v -e '/default$' -e system.slice -e user.slice -e 'init.scope'
awk '{ print "mount " $2 }' /proc/mounts | grep -v -e /run/credentials -e /run/user | sort
ps -eo comm= | grep -vxE 'sshd|sudo|sh|find|grep|sort|ps|awk|sleep|cat' | sort
systemctl list-unit-files --no-legend --type=service | awk '{ print $1, $2 }'`,
    );
  }

  async function expectAsBefore(host: string): Promise<void> {
    expect((await listing(host)).split('\n')).toEqual(before.get(host)?.split('\n'));
  }

  /** Starts a verb and kills it with SIGKILL at the first event that looks like this. */
  async function killAt(moment: Readonly<Record<string, string>>, ...verb: readonly string[]): Promise<void> {
    const running = it.start(...verb, '-o', 'json');
    for await (const line of running) {
      const event = JSON.parse(line);
      if (Object.entries(moment).every(([key, value]) => event[key] === value)) running.kill('SIGKILL');
    }
    expect((await running).signal).toBe('SIGKILL');
  }

  test('takes what an up had brought that was killed while files were on their way', async () => {
    await killAt({ type: 'progress', id: 'w/prepare' }, 'up');
    const { code, stderr } = await it.run('reset', '--yes');
    expect(code, stderr).toBe(0);
    await expectAsBefore('cp');
    await expectAsBefore('w');
  });

  test('leaves nothing of a cluster, also where it was killed and where somebody took half of it away by hand', async () => {
    const made = await it.run('up');
    expect(made.code, made.stderr).toBe(0);
    await on('w', 'echo "{}" > /etc/cni/net.d/99-foreign.conf');
    await on('cp', 'rm /usr/local/bin/ctr; echo other > /usr/local/bin/ctr');
    await killAt({ id: 'cp/reset', state: 'applying' }, 'reset', '--yes');
    await on(
      'w',
      'systemctl stop kubelet containerd; rm -rf /etc/kubernetes /opt/cni/bin/bridge; ip link delete cni0 || :',
    );
    const { result } = await resetOne(it, 'cp');
    await on('cp', 'rm /usr/local/bin/ctr');
    await expectAsBefore('cp');
    expect(await on('w', 'cat /etc/cni/net.d/99-foreign.conf /usr/local/bin/kubectl')).toBe('{}\n#!/bin/sh');
    await on('w', 'rm -r /etc/cni');
    await expectAsBefore('w');
    const left = (name: string) => result.hosts.find(({ host }) => host === name)?.left.map(({ what }) => what);
    expect(left('cp')).toContain('/usr/local/bin/ctr');
    expect(left('w')).toEqual(expect.arrayContaining(['/usr/local/bin/kubectl', '/etc/cni/net.d/99-foreign.conf']));
    await stat(`${it.folder}/state/clusters/${it.name}/cluster.json`);
  });

  test('finds nothing to do then', async () => {
    const { code, stdout } = await it.run('reset', '--yes');
    expect({ code, stdout }).toEqual({ code: 0, stdout: `There was no trace of ${it.name} to take off.` });
  });

  test('is followed by an up to Ready nodes', async () => {
    const { code, stderr } = await it.run('up');
    expect(code, stderr).toBe(0);
    expect(await it.kubectl('get', 'nodes', '--no-headers')).toMatch(/cp +Ready[\s\S]*w +Ready/);
  });

  test('leaves containerd to those who have containers of their own in it, and goes the rest of the way later', async () => {
    await on(
      'w',
      `ctr -n k8s.io images export /tmp/pause.tar $(ctr -n k8s.io images list -q | grep pause)
ctr images import --local /tmp/pause.tar && ctr run -d $(ctr images list -q) theirs && rm /tmp/pause.tar`,
    );
    const { host } = await resetOne(it, 'w');
    expect(host.left.map((each) => each.why)).toContainEqual(expect.stringContaining('default'));
    expect(
      await on('w', 'systemctl is-active containerd && ctr tasks list | grep theirs; ctr namespaces list -q'),
    ).toMatch(/RUNNING\s+default$/);
    await expectAsBefore('cp');
    await on(
      'w',
      'ctr tasks delete --force theirs; ctr containers delete theirs; ctr images delete --sync $(ctr images list -q)',
    );
    // Not named any more, but remembered.
    await writeFile(it.file, config(''));
    await resetOne(it, 'w');
    await expectAsBefore('w');
  });

  test('names the machine that does not answer, or leaves it out with a note', async () => {
    await writeFile(it.file, config('{name: gone, address: 10.213.8.99}'));
    const refused = await it.run('reset', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/gone is to be reset and does not answer[\s\S]*--force-unreachable/);
    const { code, stdout, stderr } = await it.run('reset', '--yes', '--force-unreachable');
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('Left as they are, since they do not answer: gone.');
  });
});

/** Resets without a question; the result, and the part of it that is about one host. */
async function resetOne(it: Rig, name: string): Promise<{ host: HostReset; result: ResetResult }> {
  const { code, stdout, stderr } = await it.run('reset', '--yes', '-o', 'json');
  expect(code, stderr).toBe(0);
  const { result } = JSON.parse(stdout.split('\n').at(-1) ?? '');
  const host = result.hosts.find((each: HostReset) => each.host === name);
  if (host === undefined) throw new Error(`the reset says nothing of ${name}`);
  return { host, result };
}
