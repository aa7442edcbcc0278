import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** A cluster of the built CLI, with a state and a kubeconfig of its own. */
export interface Bench extends AsyncDisposable {
  readonly folder: string;
  configure(controlPlanes: number, workers: number): Promise<void>;
  kubewright(...args: readonly string[]): Promise<void>;
}

/** Dispose takes the cluster down and the folder away. */
export async function bench(name: string): Promise<Bench> {
  const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'kubewright-bench-'));
  const file = join(folder, 'cluster.yaml');
  const env = { KUBECONFIG: join(folder, 'kubeconfig'), KUBEWRIGHT_STATE_DIR: join(folder, 'state'), NO_COLOR: '1' };
  const kubewright = async (...args: readonly string[]) => {
    await execa(process.execPath, [cli, ...args, '-f', file, '-q'], { env, stdin: 'ignore', timeout: 600_000 });
  };
  return {
    folder,
    kubewright,
    configure: (controlPlanes, workers) =>
      writeFile(
        file,
        `apiVersion: kubewright/v1alpha1
name: ${name}
provider: {local: {}}
nodes: {control-plane: {count: ${controlPlanes}}, workers: {count: ${workers}}}
`,
      ),
    async [Symbol.asyncDispose]() {
      await kubewright('down', '--yes').catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Seconds that the work took. */
export async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

export function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
