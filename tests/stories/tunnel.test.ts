import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type ExecaError, execa, type Result } from 'execa';
import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Event } from '../../src/core/events.js';
import type { StepContext } from '../../src/core/step.js';
import { mergeKubeconfig } from '../../src/kube/kubeconfig.js';
import { readServers, writeCredentials, writeServers } from '../../src/kube/tunnel/access-files.js';
import { tunnelEntry } from '../../src/kube/tunnel/entry.js';
import { type TunnelPlaces, tunnelPlaces } from '../../src/kube/tunnel/places.js';
import { tunnelPort } from '../../src/kube/tunnel/port.js';
import type { Cluster } from '../../src/model/cluster.js';
import { type KubeconfigWish, kubeconfigStep } from '../../src/operations/kubeconfig-step.js';
import type { Workspace } from '../../src/operations/workspace.js';
import { statePaths } from '../../src/state/paths.js';
import { type FakeApiServer, startApiServer } from '../rig/api-server.js';
import { makePki, type Pki } from '../rig/pki.js';
import { CLI, emptyHome, scratchFolder } from './rig.js';

/** As `up` leaves a cluster behind whose API servers are these. */
let pki: Pki;
let folder = '';
let state = '';
let places: TunnelPlaces;
let port = 0;
let servers: readonly FakeApiServer[] = [];
let kubeconfig = '';

beforeAll(async () => {
  pki = makePki();
  folder = await scratchFolder();
});

let round = 0;
beforeEach(async () => {
  round += 1;
  state = join(folder, `state-${round}`);
  vi.stubEnv('KUBEWRIGHT_STATE_DIR', state);
  places = tunnelPlaces(statePaths('demo'));
  servers = await Promise.all(['a', 'b', 'c'].map((name) => startApiServer(name, pki)));
  await writeServers(places, { ca: pki.ca, servers: servers.map(({ server }) => server) });
  await writeCredentials(places, pki.admin);
  port = await tunnelPort(places);
  kubeconfig = join(state, 'kubeconfig');
  const entry = tunnelEntry('demo', port, { ca: pki.ca, ...pki.admin }, CLI);
  await writeFile(kubeconfig, mergeKubeconfig('', entry, false), { mode: 0o600 });
});

afterEach(async () => {
  await kubewright('tunnel', '--stop', '--cluster', 'demo');
  await Promise.all(servers.map((server) => server.kill()));
  vi.unstubAllEnvs();
});

function kubewright(...words: readonly string[]): Promise<Result | ExecaError> {
  return execa(process.execPath, [CLI, ...words], {
    cwd: folder,
    env: { ...emptyHome(folder), KUBEWRIGHT_STATE_DIR: state, KUBECONFIG: kubeconfig },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
  });
}

const credential = () => kubewright('credential', '--cluster', 'demo');

/** The tunnel that runs, as `--status` shows it to programs. */
async function running(): Promise<
  { readonly pid: number; readonly port: number; readonly connections: number } | undefined
> {
  const { stdout } = await kubewright('tunnel', '--status', '--cluster', 'demo', '-o', 'json');
  const last: { result?: { tunnel?: { pid: number; port: number; connections: number } } } = JSON.parse(
    String(stdout).split('\n').at(-1) ?? '',
  );
  return last.result?.tunnel;
}

/** Resolves when a process has ended. One that nobody has asked after yet (a zombie) has. */
async function gone(pid: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const { stdout } = await execa('ps', ['-o', 'stat=', '-p', String(pid)], { reject: false });
      expect(stdout).toMatch(/^(Z.*)?$/);
    },
    { timeout: 10_000 },
  );
}

describe('what kubectl is told when it asks for credentials', () => {
  test('is exactly an ExecCredential, and the tunnel runs by then', async () => {
    const { stdout, stderr, exitCode } = await credential();
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(JSON.parse(String(stdout))).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: {
        expirationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        clientCertificateData: pki.admin.certificate,
        clientKeyData: pki.admin.key,
      },
    });
    expect(await running()).toMatchObject({ port });
  });

  test('expires while the tunnel that was just seen certainly runs, so that clients which live long ask again', async () => {
    const { stdout } = await credential();
    const expires = Date.parse(JSON.parse(String(stdout)).status.expirationTimestamp) - Date.now();
    expect(expires).toBeGreaterThan(60_000);
    expect(expires).toBeLessThan(10 * 60_000);
  });

  test('comes from one tunnel, however many ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, credential));
    expect(answers.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0]);
    const listening = (await readFile(places.log, 'utf8')).match(/listens on/g);
    expect(listening).toHaveLength(1);
  });

  test('is an error on the other stream where nothing is known of the cluster', async () => {
    const { stdout, stderr, exitCode } = await kubewright('credential', '--cluster', 'other');
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
    expect(stderr).toContain('Nothing is kept here of a tunnel to cluster "other"');
    expect(stderr).toContain('kubewright kubeconfig --merge --tunnel');
  });

  test('says how to choose another port where this one is taken; that changes the context, too', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => void squatter.close());
    const { stderr, exitCode } = await credential();
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`needs port ${port} of this machine, and another program listens there`);
    expect(stderr).toContain('kubewright tunnel --cluster demo --detach --port PORT');
    const other = port === 21_000 ? port + 1 : port - 1;
    const moved = await kubewright('tunnel', '--cluster', 'demo', '--detach', '--port', String(other));
    expect(moved.exitCode).toBe(0);
    expect(await running()).toMatchObject({ port: other });
    expect(await readFile(kubeconfig, 'utf8')).toContain(`https://127.0.0.1:${other}`);
  });
});

describe('a tunnel in the background', () => {
  test('belongs to nobody: the caller ends at once, and the tunnel is in a session of its own', async (context) => {
    context.skip(!existsSync('/proc/self/stat'), 'there is no /proc to look at');
    const { exitCode, stdout } = await kubewright('tunnel', '--cluster', 'demo', '--detach');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`127.0.0.1:${port}`);
    const pid = (await running())?.pid ?? 0;
    const [, , group, session] = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
    expect([group, session]).toEqual([String(pid), String(pid)]);
  });

  test('is found by a second start, and ends on --stop', async () => {
    await kubewright('tunnel', '--cluster', 'demo', '--detach');
    const first = await running();
    await kubewright('tunnel', '--cluster', 'demo', '--detach');
    const here = await kubewright('tunnel', '--cluster', 'demo');
    expect(here.exitCode).toBe(0);
    expect(await running()).toMatchObject({ pid: first?.pid });
    const stopped = await kubewright('tunnel', '--cluster', 'demo', '--stop');
    expect(stopped.stdout).toContain(`the tunnel on port ${port} has ended`);
    expect((await kubewright('tunnel', '--cluster', 'demo', '--status')).exitCode).toBe(1);
    await gone(first?.pid ?? 0);
  });

  test('that was killed is replaced, its socket taken over', async () => {
    await credential();
    const first = (await running())?.pid ?? 0;
    process.kill(first, 'SIGKILL');
    await gone(first);
    expect(existsSync(places.socket)).toBe(true);
    expect((await credential()).exitCode).toBe(0);
    expect((await running())?.pid).not.toBe(first);
  });

  test('works where the state folder is too deep for a socket, and leaves nothing elsewhere when it ends', async () => {
    const deep = join(state, 'x'.repeat(90));
    const runtime = join(state, 'run');
    await mkdir(runtime, { mode: 0o700 });
    vi.stubEnv('KUBEWRIGHT_STATE_DIR', deep);
    const far = tunnelPlaces(statePaths('demo'));
    await writeServers(far, { ca: pki.ca, servers: servers.map(({ server }) => server) });
    await writeCredentials(far, pki.admin);
    const env = { ...emptyHome(folder), KUBEWRIGHT_STATE_DIR: deep, XDG_RUNTIME_DIR: runtime };
    const run = (...words: readonly string[]) =>
      execa(process.execPath, [CLI, ...words], { cwd: folder, env, extendEnv: false, stdin: 'ignore' });
    await run('credential', '--cluster', 'demo');
    expect(await readdir(join(runtime, 'kubewright'))).toEqual([expect.stringMatching(/^[0-9a-f]{16}\.sock$/)]);
    await run('tunnel', '--stop', '--cluster', 'demo');
    expect(await readdir(join(runtime, 'kubewright'))).toEqual([]);
  });

  test('has no key in its log, its arguments or its environment', async (context) => {
    context.skip(!existsSync('/proc/self/environ'), 'there is no /proc to look at');
    await execa(process.execPath, [CLI, 'credential', '--cluster', 'demo'], {
      env: { ...emptyHome(folder), KUBEWRIGHT_STATE_DIR: state, SUDO_PASSWORD: 'correct horse' },
      extendEnv: false,
    });
    const pid = (await running())?.pid ?? 0;
    const key = pki.admin.key.split('\n')[1] ?? '';
    const paths = [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`, places.log, places.servers, kubeconfig];
    const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
    expect(key.length).toBeGreaterThan(40);
    for (const text of texts) {
      expect(text).not.toContain(key);
      expect(text).not.toContain('correct horse');
    }
    for (const path of [places.log, places.credentials]) expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});

test('in the foreground it says what happens, and Ctrl-C is its end', async () => {
  const here = execa(process.execPath, [CLI, 'tunnel', '--cluster', 'demo'], {
    cwd: folder,
    env: { ...emptyHome(folder), KUBEWRIGHT_STATE_DIR: state },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
  });
  let said = '';
  here.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  await vi.waitFor(() => expect(said).toContain(`listening on 127.0.0.1:${port}`), { timeout: 20_000 });
  here.kill('SIGINT');
  const { exitCode, stdout } = await here;
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'demo: the tunnel has ended.' });
  expect(said).not.toContain('Stopping');
});

describe('the step of `up` that writes the context', () => {
  const source = (id: string) => ({ id });

  /** Runs the step as a run does, with these machines up. */
  async function runStep(running: readonly FakeApiServer[], wish: Partial<KubeconfigWish> = {}) {
    const notes: string[] = [];
    const cluster = threeControlPlanes();
    const workspace = {
      cluster,
      paths: statePaths('demo'),
      emit: (event: Event) => void (event.type === 'note' && notes.push(event.text)),
    } as unknown as Workspace;
    const names = cluster.nodes.map(({ name }) => name);
    const machines = new Map(names.map((name) => [name, source(`${name}/machine`)]));
    const view = { server: urlOf(running[0]), credentials: { ca: pki.ca, ...pki.admin } };
    const context = {
      mode: 'apply',
      signal: new AbortController().signal,
      output: () => view,
      known({ id }: { id: string }) {
        const server = running.find((each) => `${each.server.name}/machine` === id)?.server;
        if (server === undefined) return { kind: 'failed' };
        return { kind: 'output', output: { name: server.name, address: '10.0.0.1', ssh: {}, api: server } };
      },
    } as unknown as StepContext;
    const step = kubeconfigStep(
      workspace,
      { access: source('access'), machines },
      {
        kubeconfig,
        setCurrentContext: false,
        ...wish,
      },
    );
    const verdict = await step.check(context);
    const output = verdict.kind === 'current' ? verdict.output : await step.apply(context, verdict.changes);
    return { verdict: verdict.kind, output, notes };
  }

  const urlOf = (server: FakeApiServer | undefined) => `https://${server?.server.host}:${server?.server.port}`;

  function threeControlPlanes(): Cluster {
    const names = ['a', 'b', 'c'].map((name) => ({ name, roles: ['control-plane'] }));
    return { name: 'demo', nodes: names, api: { port: 6443, endpoint: { kind: 'node-local' } } } as unknown as Cluster;
  }

  test('proves the tunnel to all control planes as kubectl will use it, and a second run changes nothing', async () => {
    await writeFile(kubeconfig, '');
    const first = await runStep(servers);
    expect(first).toMatchObject({
      verdict: 'drifted',
      output: { form: 'tunnel', server: `https://127.0.0.1:${port}` },
    });
    expect(await running()).toMatchObject({ port });
    expect(servers.flatMap(({ requests }) => requests)).toContain('/version');
    const before = await readFile(kubeconfig, 'utf8');
    expect(await runStep(servers)).toMatchObject({ verdict: 'current', output: first.output, notes: [] });
    expect(await readFile(kubeconfig, 'utf8')).toBe(before);
  });

  test('keeps the place of a control plane that is down, and takes over that of one that moved', async () => {
    await runStep(servers);
    const [a, b, c] = servers;
    if (a === undefined || b === undefined || c === undefined) throw new Error('there are three');
    await runStep([a, b]);
    expect((await readServers(places))?.servers.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    const moved = await startApiServer('c', pki);
    onTestFinished(() => moved.kill());
    expect(await runStep([a, b, moved])).toMatchObject({ verdict: 'drifted' });
    expect((await readServers(places))?.servers[2]).toEqual(moved.server);
  });

  test('writes a context to one server where that is asked for, and says what it cannot do', async () => {
    await runStep(servers);
    const { output, notes } = await runStep(servers, { direct: true });
    expect(output).toMatchObject({ form: 'direct', server: urlOf(servers[0]) });
    expect(notes).toEqual([expect.stringContaining('does not move on to another')]);
    const text = await readFile(kubeconfig, 'utf8');
    expect(text).not.toContain('exec');
    expect(text).not.toContain('tls-server-name');
  });

  test('writes nothing into the kubeconfig when the tunnel does not work', async () => {
    await writeFile(kubeconfig, '');
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => void squatter.close());
    await expect(runStep(servers)).rejects.toThrow('another program listens there');
    expect(await readFile(kubeconfig, 'utf8')).toBe('');
  });
});

describe('kubectl itself', () => {
  /** The first kubectl that there is: on the path, or where kubewright keeps its own. */
  async function findKubectl(): Promise<string | undefined> {
    const { stdout } = await execa(
      'sh',
      ['-c', 'command -v kubectl || ls ~/.local/bin/kubectl ~/.cache/kubewright/kubectl/*/kubectl'],
      {
        reject: false,
      },
    );
    return String(stdout).split('\n')[0] || undefined;
  }

  test('works with the context, moves on when its server dies, and again after the tunnel was killed', async (context) => {
    const program = await findKubectl();
    if (program === undefined) {
      context.skip('there is no kubectl on this machine');
      return;
    }
    const ask = () =>
      execa(program, ['--kubeconfig', kubeconfig, 'get', '--raw', '/version'], {
        env: { ...emptyHome(folder) },
        extendEnv: false,
        reject: false,
      });
    const first = await ask();
    expect({ exitCode: first.exitCode, stderr: first.stderr }).toEqual({ exitCode: 0, stderr: '' });
    const used = servers.find(({ server }) => server.name === JSON.parse(String(first.stdout)).servedBy);
    await used?.kill();
    const second = await ask();
    expect(second.exitCode).toBe(0);
    expect(JSON.parse(String(second.stdout)).servedBy).not.toBe(used?.server.name);
    process.kill((await running())?.pid ?? 0, 'SIGKILL');
    expect((await ask()).exitCode).toBe(0);
    expect(await readServers(places)).toBeDefined();
  });
});
