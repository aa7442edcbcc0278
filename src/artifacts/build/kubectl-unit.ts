import { join } from 'node:path';
import { adoptBlob, fileSha256 } from '../blobs.js';
import type { KubectlPlatform } from '../kubectl.js';
import type { Unit } from '../unit.js';
import { compileGo } from './compile.js';
import { kubectlComponent } from './kubernetes-components.js';
import { findGo } from './toolchain.js';

/** kubectl for the operator's platform, built from source: pure Go, so any platform can be built for from any. */
export async function kubectlBuildUnit(version: string, platform: KubectlPlatform, signal: AbortSignal): Promise<Unit> {
  const toolchain = await findGo(signal);
  const component = kubectlComponent(version);
  return {
    title: `kubectl ${version} for ${platform.os}`,
    key: { format: FORMAT, component, platform, toolchain },
    space: 1_000_000_000,
    async make(context) {
      const programs = await compileGo(component.compile, {
        directory: context.directory,
        os: platform.os,
        arch: platform.arch,
        signal: context.signal,
        onLine(line) {
          context.onStep(line);
          context.onLine(line);
        },
      });
      const path = join(programs, 'kubectl');
      const sha256 = await fileSha256(path, context.signal);
      const seal = await adoptBlob(context.cacheDirectory, path, sha256, 0o555);
      return {
        files: { kubectl: seal },
        images: {},
        locked: [
          {
            // The Linux one is the payload's own kubectl.
            name: platform.os === 'linux' ? 'kubectl' : `kubectl-${platform.os}`,
            version,
            arch: platform.arch,
            source: 'build',
            toolchain,
            sha256,
          },
        ],
      };
    },
  };
}

const FORMAT = 1;
