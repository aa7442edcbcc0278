import { mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSegments } from '../../artifacts/oci/segment.js';
import { tarArchive } from '../../artifacts/oci/tar.js';
import { KubewrightError } from '../../core/errors.js';
import type { StepContext } from '../../core/step.js';
import type { Arch } from '../../model/cluster.js';
import { runProgram } from '../../transport/program.js';
import { callEngine } from './call-engine.js';
import type { Engine } from './engine.js';
import { DEBIAN, imageFiles, PACKAGES, REMOVED } from './image-recipe.js';

/** Why this machine cannot make a node image from Debian's packages; undefined when it can. */
export async function debootstrapObstacle(engine: Engine, signal: AbortSignal): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'debootstrap runs on Linux only';
  if (engine.arch !== ARCHITECTURES[process.arch]) {
    return `debootstrap makes images for this machine (${process.arch}) only, and the engine runs on ${engine.arch}`;
  }
  const found = await runProgram('debootstrap', ['--version'], { signal, timeoutMs: 10_000 }).catch(() => undefined);
  if (found?.code !== 0) return 'debootstrap is not installed (apt-get install debootstrap)';
  return process.getuid?.() === 0 ? undefined : 'debootstrap needs root';
}

/**
 * Makes the node image from Debian's packages. All of it happens in a folder of `workDirectory`, in a mount and
 * process namespace of its own: however it ends, nothing stays mounted and nothing goes on running.
 */
export async function imageByDebootstrap(
  name: string,
  engine: Engine,
  workDirectory: string,
  context: Pick<StepContext, 'signal' | 'line'>,
): Promise<void> {
  await removeLeftovers(workDirectory);
  await needRoom(workDirectory);
  const folder = await mkdtemp(join(workDirectory, PREFIX));
  try {
    const root = join(folder, 'root');
    await run(
      'unshare',
      [...NAMESPACES, 'debootstrap', ...debootstrapArgs(engine), DEBIAN, root],
      context,
      30 * 60_000,
    );
    await layOver(root, folder, context);
    const archive = join(folder, 'image.tar');
    await run('tar', ['--create', '--file', archive, '--directory', root, '--numeric-owner', '.'], context, 5 * 60_000);
    await callEngine(engine, ['import', '--change', 'ENV container=docker', archive, name], {
      signal: context.signal,
      timeoutMs: 5 * 60_000,
    });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 300 });
  }
}

const ARCHITECTURES: Readonly<Record<string, Arch>> = { x64: 'amd64', arm64: 'arm64' };
const PREFIX = 'debootstrap-';
const NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--'] as const;

/** The tree, its archive, and some room to work. */
const ROOM = 1024 ** 3;

function debootstrapArgs(engine: Engine): readonly string[] {
  return ['--variant=minbase', `--arch=${engine.arch}`, `--include=${PACKAGES.join(',')}`];
}

/** What a killed run left behind; there is only one at a time, the caller holds a lock. */
async function removeLeftovers(workDirectory: string): Promise<void> {
  const names = (await readdir(workDirectory)).filter((name) => name.startsWith(PREFIX));
  await Promise.all(
    names.map((name) =>
      rm(join(workDirectory, name), { recursive: true, force: true, maxRetries: 5, retryDelay: 300 }),
    ),
  );
}

async function needRoom(workDirectory: string): Promise<void> {
  const { bavail, bsize } = await statfs(workDirectory);
  if (bavail * bsize >= ROOM) return;
  const free = Math.round((bavail * bsize) / 1024 ** 2);
  throw new KubewrightError(
    'disk-full',
    `Making the node image takes 1024 MiB in ${workDirectory}, and ${free} MiB are free`,
  );
}

async function layOver(root: string, folder: string, context: Pick<StepContext, 'signal' | 'line'>): Promise<void> {
  const script = join(folder, 'tidy.sh');
  await writeFile(script, `set -e\ncd "$1"\nrm -rf ${REMOVED.join(' ')}\n`);
  await run('sh', [script, root], context, 60_000);
  const files = join(folder, 'files.tar');
  await writeSegments(tarArchive(imageFiles()), files, context.signal);
  await run('tar', ['--extract', '--file', files, '--directory', root, '--keep-directory-symlink'], context, 60_000);
}

async function run(
  program: string,
  args: readonly string[],
  context: Pick<StepContext, 'signal' | 'line'>,
  timeoutMs: number,
): Promise<void> {
  const last: string[] = [];
  const result = await runProgram(program, args, {
    signal: context.signal,
    timeoutMs,
    env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    onLine(line, stream) {
      context.line(line, stream);
      last.push(line);
      if (last.length > 10) last.shift();
    },
  });
  if (result.code === 0) return;
  const what = program === 'unshare' ? 'debootstrap' : program;
  throw new KubewrightError('node-image-failed', `${what} failed: ${last.at(-1) ?? `exit code ${result.code}`}`, {
    command: [program, ...args].join(' '),
    output: last,
  });
}
