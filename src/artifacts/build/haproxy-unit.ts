import type { Arch } from '../../model/cluster.js';
import { runProgram } from '../../transport/program.js';
import type { TarEntry } from '../oci/tar.js';
import type { Unit } from '../unit.js';
import { sharedLibraries } from './shared-libraries.js';
import { storeImage } from './store-image.js';
import { type SystemLayer, systemFiles } from './system-files.js';
import { findSystemProgram } from './toolchain.js';

/**
 * The image of haproxy as a unit: this machine's own program with exactly the shared libraries that the dynamic
 * loader would give it, under the name and laid out as the official image is. No Go module holds its source. Rejects
 * with `program-missing` where haproxy is.
 */
export async function haproxyUnit(
  ref: string,
  options: { readonly arch: Arch; readonly zstd: string; readonly signal: AbortSignal },
): Promise<Unit> {
  const { arch } = options;
  const tag = ref.slice(ref.lastIndexOf(':') + 1);
  const program = await findSystemProgram('haproxy');
  const version = await versionOf(program, options.signal);
  const { entries, description } = await haproxyLayer(program, version, options.signal);
  const toolchain = `${description}, ${options.zstd}`;
  return {
    title: `haproxy ${version}`,
    key: { format: FORMAT, ref, arch, toolchain },
    space: 100_000_000,
    async make(context) {
      context.onStep('image haproxy');
      const image = await storeImage('haproxy', { ref, arch, layers: [entries], entrypoint: ENTRYPOINT }, context);
      return {
        files: {},
        images: { haproxy: image },
        locked: [{ name: 'haproxy', version: tag, arch, source: 'build', toolchain, digest: image.digest }],
      };
    },
  };
}

/** To be raised when the image is made differently of the same files. */
const FORMAT = 1;

const PROGRAM = '/usr/local/sbin/haproxy';

/** What the official image's entry point, a shell script, makes of haproxy's arguments. */
const ENTRYPOINT = [PROGRAM, '-W', '-db'];

/** Folders of the official image: where its configuration lies, its home, and what a service manager mounts over. */
const FOLDERS = ['dev', 'etc', 'proc', 'run', 'sys', 'tmp', 'usr/local/etc/haproxy', 'var/lib/haproxy'];

async function haproxyLayer(program: string, version: string, signal: AbortSignal): Promise<SystemLayer> {
  const libraries = await sharedLibraries([program], signal);
  const { entries, sum } = await systemFiles(new Map([...libraries, [PROGRAM, program]]), signal);
  const folders = FOLDERS.map((path): TarEntry => ({ path, type: 'directory', mode: path === 'tmp' ? 0o1777 : 0o755 }));
  return { entries: [...folders, ...entries], description: `haproxy ${version}, files ${sum}` };
}

/** "HAProxy version 2.6.12-1+deb12u4 2025/10/03 - https://haproxy.org/" */
async function versionOf(program: string, signal: AbortSignal): Promise<string> {
  const { stdout } = await runProgram(program, ['-v'], { signal, timeoutMs: 10_000 });
  return /version (\S+)/.exec(stdout)?.[1] ?? 'unknown';
}
