import { access } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { KubewrightError } from '../../core/errors.js';
import type { Arch } from '../../model/cluster.js';
import { runProgram } from '../../transport/program.js';
import { fileSha256 } from '../blobs.js';

/** What this machine builds with, for one architecture. */
export interface Toolchain {
  readonly arch: Arch;
  /** "go1.26.8" */
  readonly go: string;
  readonly cc: string;
  /** Environment for pkg-config, pointing it at the architecture's libraries. */
  readonly pkgConfig: Readonly<Record<string, string>>;
  /** What C programs are linked from: the compiler's version and the libraries' sums. */
  readonly c: string;
  /** What compresses layers: "zstd 1.5.4". */
  readonly zstd: string;
}

/** The version of Go on this machine: all that building for an operator's platform needs. */
export async function findGo(signal: AbortSignal): Promise<string> {
  return output('go', ['env', 'GOVERSION'], signal);
}

/**
 * Looks for everything that building for `arch` needs. Rejects with `build-prerequisites`, naming all that is
 * missing at once and the packages that bring it.
 */
export async function findToolchain(arch: Arch, signal: AbortSignal): Promise<Toolchain> {
  if (process.platform !== 'linux') {
    throw prerequisites([`Linux: programs for nodes cannot be built on ${process.platform}`], arch, arch);
  }
  const hostArch: Arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const native = hostArch === arch;
  const triplet = arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const cc = native ? 'gcc' : `${triplet}-gcc`;
  const pkgConfig: Record<string, string> = native
    ? {}
    : { PKG_CONFIG_LIBDIR: `/usr/lib/${triplet}/pkgconfig:/usr/share/pkgconfig` };

  const missing: string[] = [];
  const found = async <Value>(what: string, look: () => Promise<Value>): Promise<Value | undefined> => {
    try {
      return await look();
    } catch (error) {
      if (error instanceof KubewrightError && error.code === 'interrupted') throw error;
      missing.push(what);
      return undefined;
    }
  };
  const go = await found('Go (https://go.dev/dl)', () => findGo(signal));
  const gcc = await found(`${cc} (a C compiler for ${arch})`, () => output(cc, ['-dumpfullversion'], signal));
  const libc =
    gcc && (await found(`libc.a for ${arch}`, () => staticLibrary(cc, ['-print-file-name=libc.a'], {}, signal)));
  const seccomp = await found(`libseccomp.a for ${arch} (found by pkg-config)`, async () => {
    const directory = await output('pkg-config', ['--variable=libdir', 'libseccomp'], signal, pkgConfig);
    await access(join(directory, 'libseccomp.a'));
    return `libseccomp.a ${await shortSum(join(directory, 'libseccomp.a'), signal)}`;
  });
  const zstd = await found('zstd', async () => {
    const version = await output('zstd', ['--version'], signal);
    return `zstd ${/v([\d.]+)/.exec(version)?.[1] ?? version}`;
  });
  if (zstd === undefined || go === undefined || gcc === undefined || libc === undefined || seccomp === undefined) {
    throw prerequisites(missing, arch, hostArch);
  }
  return { arch, go, cc, pkgConfig, c: `gcc ${gcc}, ${libc}, ${seccomp}`, zstd };
}

/** The error of a machine that cannot build, with what to install. */
export function prerequisites(missing: readonly string[], arch: Arch, hostArch: Arch): KubewrightError {
  const packages =
    arch === hostArch
      ? 'apt-get install --no-install-recommends gcc libc6-dev libseccomp-dev pkg-config zstd nftables iptables'
      : `dpkg --add-architecture ${arch} && apt-get update && apt-get install gcc-${
          arch === 'arm64' ? 'aarch64' : 'x86-64'
        }-linux-gnu libseccomp-dev:${arch} pkg-config zstd`;
  return new KubewrightError('build-prerequisites', `building from source needs ${missing.join('; ')}`, {
    hint: `On Debian and Ubuntu: ${packages}. Go comes from https://go.dev/dl. Or use artifacts.source: upstream.`,
  });
}

async function staticLibrary(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> {
  const path = await output(program, args, signal, env);
  // gcc answers with the bare name where it finds nothing.
  if (!isAbsolute(path) || dirname(path) === '.') throw new Error(`${path} not found`);
  return `libc.a ${await shortSum(path, signal)}`;
}

async function shortSum(path: string, signal: AbortSignal): Promise<string> {
  return (await fileSha256(path, signal)).slice(0, 12);
}

async function output(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
  env?: Readonly<Record<string, string>>,
): Promise<string> {
  const result = await runProgram(program, args, { signal, timeoutMs: 30_000, env });
  if (result.code !== 0) throw new Error(`${program} exited with ${result.code}: ${result.stderr}`);
  return result.stdout.trim();
}
