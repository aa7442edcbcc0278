import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Cluster, HostSpec } from '../../../src/model/cluster.js';
import { hostsProvider } from '../../../src/providers/hosts/hosts.js';
import type { Machine, ProviderContext } from '../../../src/providers/provider.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-hosts-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const plain: HostSpec = { address: '192.0.2.10', port: 22, user: 'admin', hostKey: { kind: 'known-hosts' } };

/** The machines of hosts, as the steps of one run give them. */
async function machinesOf(hosts: readonly HostSpec[], askSecret?: ProviderContext['askSecret']) {
  const context: ProviderContext = {
    stateDirectory: folder,
    payload: () => Promise.reject(new Error('hosts need no payload')),
    ...(askSecret === undefined ? {} : { askSecret }),
  };
  const provider = hostsProvider();
  const graph = await provider.machines(clusterOf(hosts), context);
  const signal = new AbortController().signal;
  const stepContext = {
    mode: 'plan' as const,
    signal,
    emit() {},
    output: never,
    known: never,
    line() {},
    progress() {},
  };
  const machines: Machine[] = [];
  for (const step of graph.steps) {
    if (step.kind !== 'read') throw new Error(`${step.id} would change something`);
    machines.push((await step.read(stepContext)) as Machine);
  }
  return { provider, context, graph, machines };
}

async function machineOf(host: HostSpec, askSecret?: ProviderContext['askSecret']): Promise<Machine> {
  const [machine] = (await machinesOf([host], askSecret)).machines;
  if (machine === undefined) throw new Error('no machine');
  return machine;
}

describe('a machine that exists', () => {
  test('is reached as its host says, at the defaults of ssh', async () => {
    expect(await machineOf(plain)).toEqual({
      name: 'n1',
      address: '192.0.2.10',
      ssh: {
        name: 'n1',
        address: '192.0.2.10',
        port: 22,
        user: 'admin',
        identity: { kind: 'default' },
        hostKeys: { kind: 'known-hosts', files: [join(homedir(), '.ssh/known_hosts'), join(folder, 'known_hosts')] },
        sudoPassword: undefined,
      },
    });
  });

  test('is reached at one address by the operator and at another by its fellows', async () => {
    const machine = await machineOf({ ...plain, internalAddress: '10.0.0.10', port: 2222 });
    expect(machine.address).toBe('10.0.0.10');
    expect(machine.ssh).toMatchObject({ address: '192.0.2.10', port: 2222 });
  });

  test("learns host keys into the cluster's file and never into the user's", async () => {
    const { ssh } = await machineOf({ ...plain, hostKey: { kind: 'trust-on-first-use' } });
    const own = join(folder, 'known_hosts');
    expect(ssh.hostKeys).toEqual({
      kind: 'trust-on-first-use',
      file: own,
      files: [join(homedir(), '.ssh/known_hosts'), own],
    });
  });

  test('shows exactly the keys that are pinned', async () => {
    const { ssh } = await machineOf({ ...plain, hostKey: { kind: 'pinned', keys: ['ssh-ed25519 AAAA'] } });
    expect(ssh.hostKeys).toEqual({ kind: 'pinned', keys: ['ssh-ed25519 AAAA'] });
  });

  test('may have its key in a home folder', async () => {
    const { ssh } = await machineOf({ ...plain, identityFile: '~/.ssh/id_lab' });
    expect(ssh.identity).toMatchObject({ kind: 'file', path: join(homedir(), '.ssh/id_lab') });
  });

  test('is made by no step and destroyed by none', async () => {
    const { graph, provider, context, machines } = await machinesOf([plain, { ...plain, address: '192.0.2.11' }]);
    expect(graph.steps.map(({ id, kind }) => [id, kind])).toEqual([
      ['n1/machine', 'read'],
      ['n2/machine', 'read'],
    ]);
    expect([...graph.machines].map(([name, step]) => [name, step.id])).toEqual([
      ['n1', 'n1/machine'],
      ['n2', 'n2/machine'],
    ]);
    const cluster = clusterOf([plain]);
    expect(await provider.destroy(cluster, context)).toEqual([]);
    const [existing] = await provider.existing(cluster, context);
    expect(existing).toMatchObject({ name: 'n1', state: 'unknown', machine: { address: machines[0]?.address } });
  });
});

describe('a secret', () => {
  const sudo = async (host: Partial<HostSpec>, ask?: ProviderContext['askSecret']) =>
    (await machineOf({ ...plain, ...host }, ask)).ssh.sudoPassword?.();

  test('comes from an environment variable', async () => {
    process.env['KW_TEST_SUDO'] = 'correct horse';
    expect(await sudo({ sudoPassword: { kind: 'environment', name: 'KW_TEST_SUDO' } })).toBe('correct horse');
  });

  test.each([
    ['not set', undefined],
    ['empty', ''],
  ])('that is %s in the environment is named', async (what, value) => {
    delete process.env['KW_TEST_NONE'];
    if (value !== undefined) process.env['KW_TEST_NONE'] = value;
    await expect(sudo({ sudoPassword: { kind: 'environment', name: 'KW_TEST_NONE' } })).rejects.toMatchObject({
      code: 'secret-missing',
      message: `The environment variable KW_TEST_NONE, which holds the sudo password of admin@192.0.2.10, is ${what}`,
    });
  });

  test('comes from a file, without the line break that editors add', async () => {
    const path = join(folder, 'password');
    await writeFile(path, 'two words \r\n');
    expect(await sudo({ sudoPassword: { kind: 'file', path } })).toBe('two words ');
  });

  test('that has no file, or an empty one, is named', async () => {
    const path = join(folder, 'none');
    const sudoPassword = { kind: 'file', path } as const;
    await expect(sudo({ sudoPassword })).rejects.toMatchObject({
      code: 'secret-missing',
      message: expect.stringMatching(/sudo password of admin@192\.0\.2\.10 cannot be read: ENOENT.*none/),
    });
    await writeFile(path, '\n');
    await expect(sudo({ sudoPassword })).rejects.toMatchObject({ code: 'secret-missing' });
  });

  test('is asked for once for all hosts of a user, and only when it is wanted', async () => {
    const asked: string[] = [];
    const ask = async (prompt: string) => `answer ${asked.push(prompt)}`;
    const host = { ...plain, sudoPassword: { kind: 'prompt' } } as const;
    const { machines } = await machinesOf([host, host, { ...host, user: 'other' }], ask);
    expect(asked).toEqual([]);
    const [first, second, other] = machines.map(({ ssh }) => ssh.sudoPassword);
    expect(await Promise.all([first?.(), second?.()])).toEqual(['answer 1', 'answer 1']);
    expect(await other?.()).toBe('answer 2');
    expect(asked).toEqual(['sudo password of admin on the hosts', 'sudo password of other on the hosts']);
  });

  test('that nobody can be asked for is an error that says which', async () => {
    await expect(sudo({ sudoPassword: { kind: 'prompt' } })).rejects.toMatchObject({
      code: 'secret-missing',
      message: expect.stringContaining('sudo password of admin'),
    });
  });

  test('that could not be given is asked for again', async () => {
    let tries = 0;
    const ask = async () => {
      tries += 1;
      if (tries === 1) throw new Error('no terminal');
      return 'now';
    };
    const machine = await machineOf({ ...plain, identityFile: '/k' }, ask);
    const { identity } = machine.ssh;
    if (identity.kind !== 'file') throw new Error('not a file');
    await expect(identity.passphrase?.()).rejects.toThrow('no terminal');
    expect(await identity.passphrase?.()).toBe('now');
  });
});

const never = () => {
  throw new Error('nothing is needed');
};

function clusterOf(hosts: readonly HostSpec[]): Cluster {
  return {
    name: 'lab',
    kubernetes: { version: '1.36.3' },
    engine: 'native',
    provider: { kind: 'hosts' },
    nodes: hosts.map((host, index) => ({
      ...{ name: `n${index + 1}`, pool: 'all', roles: ['worker'] as const, labels: {}, taints: [], host },
    })),
    network: {
      ...{ cni: 'flannel', podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16', clusterDomain: 'cluster.local' },
      upstreamDns: [],
    },
    api: { port: 6443, extraNames: [], endpoint: { kind: 'node-local' } },
    artifacts: { source: 'auto', mirrors: {} },
  };
}
