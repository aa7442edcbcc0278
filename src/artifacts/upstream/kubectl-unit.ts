import { catalogEntry } from '../catalog.js';
import type { KubectlPlatform } from '../kubectl.js';
import type { Unit } from '../unit.js';
import { fileUnit, WHOLE_FILE } from './file-unit.js';
import type { UpstreamOptions } from './upstream-options.js';

/** kubectl for the operator's platform, downloaded: listed for Linux, by its published sum for macOS. */
export function kubectlUpstreamUnit(version: string, platform: KubectlPlatform, options: UpstreamOptions): Unit {
  const listed = catalogEntry(options.catalog, 'kubectl', version, platform.arch);
  if (platform.os === 'linux') return fileUnit(listed, { kubectl: WHOLE_FILE }, options);
  const url = `https://dl.k8s.io/release/v${version}/bin/${platform.os}/${platform.arch}/kubectl`;
  const entry = { ...listed, name: `kubectl-${platform.os}`, url, publishedSum: `${url}.sha256`, sha256: undefined };
  return fileUnit(entry, { kubectl: WHOLE_FILE }, options);
}
