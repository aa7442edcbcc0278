import { createHash } from 'node:crypto';
import { z } from 'zod';
import { KubewrightError } from '../../core/errors.js';
import type { Arch } from '../../model/cluster.js';
import { runProgram } from '../../transport/program.js';
import { engineFailure } from './engine-failure.js';

/** A container engine that answers, and what it says of itself. */
export interface Engine {
  readonly program: EngineProgram;
  /** The same for the same engine, however it is reached. */
  readonly id: string;
  readonly version: string;
  readonly kernel: string;
  readonly arch: Arch;
  readonly cgroupVersion: 1 | 2;
  readonly rootless: boolean;
}

export type EngineProgram = 'docker' | 'podman';

/**
 * Finds the engine and asks it about itself, in one call: the wanted one, else docker, else podman. A Docker that is
 * installed but does not answer is an error and no reason to take podman: the cluster may well live in it.
 * Errors: `container-engine-missing`, `-not-running`, `-denied`, `-unfit`.
 */
export async function findEngine(wanted: EngineProgram | undefined, signal: AbortSignal): Promise<Engine> {
  for (const program of wanted === undefined ? PROGRAMS : [wanted]) {
    const said = await ask(program, signal);
    if (said !== undefined) return described(program, said);
  }
  const what = wanted === undefined ? 'Neither docker nor podman is' : `${wanted} is not`;
  throw new KubewrightError('container-engine-missing', `${what} installed on this machine: local nodes need it`, {
    hint: 'Install Docker: https://docs.docker.com/engine/install',
  });
}

const PROGRAMS = ['docker', 'podman'] as const;
const INFO_ARGS = ['info', '--format', '{{json .}}'] as const;

/** What `info` said; undefined where the program is not installed. */
async function ask(program: EngineProgram, signal: AbortSignal): Promise<unknown> {
  try {
    const result = await runProgram(program, INFO_ARGS, { signal, timeoutMs: 20_000 });
    const said = parse(result.stdout);
    const errors = serverErrors(said);
    if (result.code === 0 && errors === '' && said !== undefined) return said;
    throw engineFailure(program, INFO_ARGS, { ...result, stderr: `${errors}\n${result.stderr}` });
  } catch (error) {
    if (!(error instanceof KubewrightError)) throw error;
    if (error.code === 'program-missing') return undefined;
    if (error.code !== 'timeout') throw error;
    throw new KubewrightError('container-engine-not-running', `${program} did not answer within 20 s`, {
      command: error.command,
      cause: error,
    });
  }
}

/** Old clients end with 0 and say here that the server did not answer. */
function serverErrors(said: unknown): string {
  const found = z.object({ ServerErrors: z.array(z.string()) }).safeParse(said);
  return found.success ? found.data.ServerErrors.join('\n') : '';
}

const DockerInfo = z.object({
  ID: z.string().min(1),
  ServerVersion: z.string(),
  KernelVersion: z.string(),
  OSType: z.string(),
  OperatingSystem: z.string(),
  Architecture: z.string(),
  CgroupVersion: z.string().default('1'),
  SecurityOptions: z.array(z.string()).nullish(),
});

const PodmanInfo = z.object({
  host: z.object({
    arch: z.string(),
    cgroupVersion: z.string().default('v1'),
    hostname: z.string(),
    kernel: z.string(),
    os: z.string(),
    security: z.object({ rootless: z.boolean() }),
  }),
  store: z.object({ graphRoot: z.string() }),
  version: z.object({ Version: z.string() }),
});

function described(program: EngineProgram, said: unknown): Engine {
  // By its answer and not by its name: `docker` may be podman's stand-in for it.
  const podman = PodmanInfo.safeParse(said);
  if (podman.success) {
    const { host, store, version } = podman.data;
    return {
      program: 'podman',
      id: createHash('sha256').update(`${host.hostname}\n${store.graphRoot}`).digest('hex').slice(0, 16),
      version: version.Version,
      kernel: host.kernel,
      arch: archOf(host.arch, program),
      cgroupVersion: host.cgroupVersion === 'v2' ? 2 : 1,
      rootless: host.security.rootless,
    };
  }
  const docker = DockerInfo.safeParse(said);
  if (!docker.success)
    throw unfit(program, `\`${program} info\` answers what is not understood: ${docker.error.message}`);
  const info = docker.data;
  if (info.OSType !== 'linux') throw unfit(program, `It runs ${info.OSType} containers (${info.OperatingSystem})`);
  return {
    program,
    id: info.ID,
    version: info.ServerVersion,
    kernel: info.KernelVersion,
    arch: archOf(info.Architecture, program),
    cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
    rootless: info.SecurityOptions?.some((option) => option.includes('name=rootless')) ?? false,
  };
}

function archOf(machine: string, program: EngineProgram): Arch {
  if (machine === 'x86_64' || machine === 'amd64') return 'amd64';
  if (machine === 'aarch64' || machine === 'arm64') return 'arm64';
  throw unfit(program, `It runs on ${machine}; nodes can be amd64 or arm64`);
}

function unfit(program: EngineProgram, why: string): KubewrightError {
  return new KubewrightError('container-engine-unfit', `${program} cannot run nodes. ${why}`, {
    hint: 'Nodes need a Linux engine: on Docker Desktop, switch to Linux containers.',
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
