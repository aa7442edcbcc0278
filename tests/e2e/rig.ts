import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** One cluster of a test: its own home, config, kubeconfig and name, so that it meets nobody else's. */
export interface Rig extends AsyncDisposable {
  readonly name: string;
  readonly folder: string;
  readonly file: string;
  readonly kubeconfig: string;
  /** Runs the built CLI; never rejects. */
  run(...args: readonly string[]): Promise<CliResult>;
  /** Starts the built CLI, for tests that interrupt it. */
  start(...args: readonly string[]): Running;
  /** Runs the user's kubectl against the cluster and gives its stdout; rejects when it fails. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** Has kubectl apply objects, given as JSON. */
  apply(objects: string): Promise<void>;
  /** Runs docker and gives its stdout; rejects when it fails. */
  docker(...args: readonly string[]): Promise<string>;
}

/** The CLI while it runs: its lines as they come, then how it ended. */
export interface Running
  extends AsyncIterable<string>,
    PromiseLike<{
      readonly exitCode?: number | undefined;
      readonly signal?: string | undefined;
      readonly stdout: string;
      readonly stderr: string;
    }> {
  readonly pid?: number | undefined;
  kill(signal: NodeJS.Signals): boolean;
}

export interface CliResult {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes a rig whose cluster.yaml has this beneath its name. Dispose takes the cluster down and the folder away. */
export async function rig(config = 'provider: {local: {}}\n'): Promise<Rig> {
  const name = `e2e-${randomBytes(3).toString('hex')}`;
  const folder = await mkdtemp(join(tmpdir(), `kubewright-${name}-`));
  const file = join(folder, 'cluster.yaml');
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(file, `apiVersion: kubewright/v1alpha1\nname: ${name}\n${config}`);
  const env = {
    KUBECONFIG: kubeconfig,
    KUBEWRIGHT_STATE_DIR: join(folder, 'state'),
    NO_COLOR: '1',
  };
  const start = (...args: readonly string[]) =>
    execa(process.execPath, [CLI, ...args], { env, cwd: folder, reject: false, stdin: 'ignore' });
  const run = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await start(...args);
    return { code: exitCode, stdout, stderr };
  };
  return {
    name,
    folder,
    file,
    kubeconfig,
    run,
    start,
    async kubectl(...args) {
      const { stdout } = await execa(await kubectlPath(), ['--kubeconfig', kubeconfig, ...args], { stdin: 'ignore' });
      return stdout;
    },
    async apply(objects) {
      await execa(await kubectlPath(), ['--kubeconfig', kubeconfig, 'apply', '-f', '-'], { input: objects });
    },
    async docker(...args) {
      const { stdout } = await execa('docker', [...args], { stdin: 'ignore' });
      return stdout;
    },
    async [Symbol.asyncDispose]() {
      await run('down', '--yes');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Where `up` put kubectl, or found one. */
async function kubectlPath(): Promise<string> {
  const onPath = await execa('sh', ['-c', 'command -v kubectl'], { reject: false });
  return onPath.exitCode === 0 ? onPath.stdout : join(process.env['HOME'] ?? '', '.local/bin/kubectl');
}

/** Asks until `ask` gives something; rejects with what it waited for after the deadline. */
export async function eventually<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** Why clusters cannot run here; undefined when they can. */
export async function missingEngine(): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 10_000 }, (error, _, stderr) =>
      resolve(error === null ? undefined : stderr.trim() || error.message),
    );
  });
}
