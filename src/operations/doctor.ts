import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { findToolchain } from '../artifacts/build/toolchain.js';
import { chooseSource } from '../artifacts/source.js';
import { KubewrightError } from '../core/errors.js';
import type { Cluster } from '../model/cluster.js';
import { cacheDirectory, stateDirectory } from '../state/paths.js';
import { runProgram } from '../transport/program.js';
import type { Operator } from './operator.js';
import type { DoctorResult } from './results.js';
import { clusterOf } from './workspace.js';

type Check = DoctorResult['checks'][number];

/** What this machine has of what kubewright needs, each with its fix; with a config, what that cluster needs. Changes nothing. */
export async function doctor(request: { readonly file?: string }, operator: Operator): Promise<DoctorResult> {
  const cluster = request.file === undefined ? undefined : await clusterOf(request.file);
  const local = cluster === undefined || cluster.provider.kind === 'local';
  const checks = await Promise.all([
    node(),
    ...(local ? [engine(cluster, operator.abort)] : []),
    program('ssh', ['-V'], 'kubewright ssh', 'apt-get install openssh-client', operator.abort),
    artifacts(cluster, operator.abort),
    folder('state folder', stateDirectory(), 100),
    folder('artifact cache', cacheDirectory(), CACHE_MIB),
  ]);
  return { checks };
}

async function node(): Promise<Check> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  return {
    name: 'Node.js',
    state: enough ? 'ok' : 'problem',
    detail: `v${process.versions.node}`,
    fix: enough ? undefined : 'Install Node.js 20.19 or newer.',
  };
}

async function engine(cluster: Cluster | undefined, signal: AbortSignal): Promise<Check> {
  const wanted = cluster?.provider.kind === 'local' ? cluster.provider.engine : undefined;
  const problems: string[] = [];
  for (const name of wanted === undefined ? ['docker', 'podman'] : [wanted]) {
    try {
      const { code, stdout, stderr } = await runProgram(name, ['info', '--format', '{{json .}}'], {
        signal,
        timeoutMs: 15_000,
      });
      if (code === 0) return { name: 'container engine', state: 'ok', detail: `${name}, ${versionIn(stdout)}` };
      problems.push(stderr.trim().split('\n').at(-1) ?? `${name} ended with ${code}`);
    } catch (error) {
      problems.push(error instanceof KubewrightError ? (error.message.split('\n')[0] ?? '') : String(error));
    }
  }
  return {
    name: 'container engine',
    state: 'problem',
    detail: problems.join('; '),
    fix: 'Install Docker or Podman and start it; your user must be allowed to use it.',
  };
}

function versionIn(info: string): string {
  const found = /"(?:ServerVersion|Version)":"([^"]+)"/.exec(info)?.[1];
  return found === undefined ? 'version unknown' : found;
}

async function program(
  name: string,
  args: readonly string[],
  purpose: string,
  fix: string,
  signal: AbortSignal,
): Promise<Check> {
  try {
    const { stdout, stderr } = await runProgram(name, args, { signal, timeoutMs: 10_000 });
    return { name, state: 'ok', detail: (stdout || stderr).trim().split('\n')[0] ?? '' };
  } catch {
    return { name, state: 'warning', detail: `missing; ${purpose} needs it`, fix };
  }
}

/** Upstream, or everything that building needs: one of the two must be there. */
async function artifacts(cluster: Cluster | undefined, signal: AbortSignal): Promise<Check> {
  const name = 'artifacts';
  const notes: string[] = [];
  const source = await chooseSource({
    source: cluster?.artifacts.source ?? 'auto',
    mirrors: cluster?.artifacts.mirrors ?? {},
    kubernetesVersion: cluster?.kubernetes.version ?? '1.36.3',
    report: (event) => {
      if (event.kind === 'note') notes.push(event.text.replace(/^artifacts: /, ''));
    },
    signal,
  });
  const detail = notes.join('; ');
  if (source === 'upstream') return { name, state: 'ok', detail };
  try {
    const { go } = await findToolchain(process.arch === 'arm64' ? 'arm64' : 'amd64', signal);
    return { name, state: 'ok', detail: `${detail} (${go})` };
  } catch (error) {
    if (!(error instanceof KubewrightError)) throw error;
    return { name, state: 'problem', detail: `${detail}; ${error.message}`, fix: error.hint };
  }
}

async function folder(name: string, path: string, neededMib: number): Promise<Check> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.W_OK);
    const { bavail, bsize } = await statfs(path);
    const free = Math.floor((bavail * bsize) / 2 ** 20);
    if (free >= neededMib) return { name, state: 'ok', detail: `${path}, ${Math.floor(free / 1024)} GiB free` };
    return {
      name,
      state: 'warning',
      detail: `${path} has ${free} MiB free; ${neededMib} MiB may be needed`,
      fix: 'Free some room there.',
    };
  } catch (error) {
    return { name, state: 'problem', detail: String(error), fix: `Make ${path} writable.` };
  }
}

/** A build with its sources and intermediate files. */
const CACHE_MIB = 12 * 1024;
