import { access } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { KubewrightError } from '../../core/errors.js';
import type { Arch } from '../../model/cluster.js';
import { runProgram } from '../../transport/program.js';
import { fileSha256 } from '../blobs.js';

/** What this machine builds with. */
export interface Toolchain {
  /** "go1.26.8" */
  readonly go: string;
  /** What C programs are linked from: "gcc 12.2.0, libc.a 0123456789ab, libseccomp.a 0123456789ab". */
  readonly c: string;
  /** What compresses layers: "zstd 1.5.4". */
  readonly zstd: string;
}

/** The version of Go on this machine: all that building for an operator's platform needs. Rejects with `build-prerequisites`. */
export async function findGo(signal: AbortSignal): Promise<string> {
  return (await orUndefined(goVersion(signal))) ?? fail(['Go']);
}

/**
 * Looks for everything that building for nodes of `arch` needs. Rejects with `build-prerequisites`, naming all that
 * is missing at once and the packages that bring it.
 */
export async function findToolchain(arch: Arch, signal: AbortSignal): Promise<Toolchain> {
  requireNative(arch);
  const [go, gcc, libc, seccomp, zstd, nft, iptables, haproxy] = await Promise.all([
    orUndefined(goVersion(signal)),
    orUndefined(output('gcc', ['-dumpfullversion'], signal)),
    orUndefined(staticLibc(signal)),
    orUndefined(staticSeccomp(signal)),
    orUndefined(output('zstd', ['--version'], signal)),
    orUndefined(findSystemProgram('nft')),
    orUndefined(findSystemProgram('xtables-nft-multi')),
    orUndefined(findSystemProgram('haproxy')),
  ]);
  const needed = {
    Go: go,
    gcc,
    'libc.a': libc,
    'libseccomp.a (found by pkg-config)': seccomp,
    zstd,
    nft,
    iptables,
    haproxy,
  };
  if (!go || !gcc || !libc || !seccomp || !zstd || !nft || !iptables || !haproxy) {
    return fail(Object.entries(needed).flatMap(([name, found]) => (found ? [] : [name])));
  }
  return { go, c: `gcc ${gcc}, ${libc}, ${seccomp}`, zstd: `zstd ${/v([\d.]+)/.exec(zstd)?.[1] ?? zstd}` };
}

/** The path of a program that may lie in a folder for administrators, which is on nobody else's PATH. */
export async function findSystemProgram(name: string): Promise<string> {
  for (const directory of ['/usr/sbin', '/sbin', '/usr/bin', '/bin']) {
    const path = join(directory, name);
    if (await orUndefined(access(path).then(() => true))) return path;
  }
  throw new KubewrightError('program-missing', `${name} is not installed`);
}

const PACKAGES = 'gcc libc6-dev libseccomp-dev pkg-config zstd nftables iptables haproxy';

function fail(missing: readonly string[]): never {
  throw new KubewrightError('build-prerequisites', `building from source needs ${missing.join(', ')}`, {
    hint: `On Debian and Ubuntu: apt-get install --no-install-recommends ${PACKAGES}. haproxy's own service may be off: systemctl disable --now haproxy. Go comes from https://go.dev/dl. Or use artifacts.source: upstream.`,
  });
}

async function goVersion(signal: AbortSignal): Promise<string> {
  return output('go', ['env', 'GOVERSION'], signal);
}

/** runc is linked against C libraries, and the images hold programs of this machine: none is had for another one. */
function requireNative(arch: Arch): void {
  const here = process.arch === 'arm64' ? 'arm64' : 'amd64';
  if (process.platform === 'linux' && arch === here) return;
  throw new KubewrightError(
    'build-prerequisites',
    `building for linux on ${arch} needs such a machine; this one is ${process.platform} on ${here}`,
    {
      hint: `Use artifacts.source: upstream or a mirror; or build once on a machine of that kind and copy its cache folder here.`,
    },
  );
}

async function staticLibc(signal: AbortSignal): Promise<string> {
  const path = await output('gcc', ['-print-file-name=libc.a'], signal);
  // gcc answers with the bare name where it finds nothing.
  if (!isAbsolute(path)) throw new Error('no libc.a');
  return `libc.a ${await shortSum(path, signal)}`;
}

async function staticSeccomp(signal: AbortSignal): Promise<string> {
  const directory = await output('pkg-config', ['--variable=libdir', 'libseccomp'], signal);
  return `libseccomp.a ${await shortSum(join(directory, 'libseccomp.a'), signal)}`;
}

async function shortSum(path: string, signal: AbortSignal): Promise<string> {
  return (await fileSha256(path, signal)).slice(0, 12);
}

async function output(program: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  const result = await runProgram(program, args, { signal, timeoutMs: 30_000 });
  if (result.code !== 0) throw new Error(`${program} exited with ${result.code}: ${result.stderr}`);
  return result.stdout.trim();
}

/** What cannot be found is missing; an interruption is no answer. */
async function orUndefined<Value>(found: Promise<Value>): Promise<Value | undefined> {
  return found.catch((error: unknown) => {
    if (error instanceof KubewrightError && error.code === 'interrupted') throw error;
    return undefined;
  });
}
