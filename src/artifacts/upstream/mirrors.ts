import { KubewrightError } from '../../core/errors.js';

/** Public addresses, by host name or by address prefix, to the base addresses that stand in for them. */
export type Mirrors = Readonly<Record<string, string>>;

/**
 * Where a public address is really fetched from. A key is a host ("dl.k8s.io") or the beginning of an address
 * ("https://github.com/containerd"); the longest that fits counts, and what follows it is appended to the mirror's
 * base: {"dl.k8s.io": "http://mirror/k8s"} makes https://dl.k8s.io/release/x into http://mirror/k8s/release/x.
 */
export function mirrored(url: string, mirrors: Mirrors): string {
  const fitting = Object.entries(mirrors)
    .map(([key, base]) => ({ prefix: withoutSlash(key.includes('://') ? key : `https://${key}`), base }))
    .filter(({ prefix }) => url === prefix || url.startsWith(`${prefix}/`))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0];
  return fitting === undefined ? url : withoutSlash(checkedBase(fitting.base)) + url.slice(fitting.prefix.length);
}

/**
 * The address of a registry's API for one repository (distribution-spec "/v2/<name>"). A mirror whose base holds "/v2"
 * itself, as proxying registries want it ("https://harbor.example/v2/proxy-k8s"), gets the repository appended directly.
 */
export function repositoryUrl(registry: string, repository: string, mirrors: Mirrors): string {
  const base = registryUrl(registry, mirrors);
  return /\/v2(\/|$)/.test(base) ? `${base}/${repository}` : `${base}/v2/${repository}`;
}

/**
 * The address of a registry by the name that images bear, or of its mirror. Docker Hub is the one that answers under
 * another name than its images have.
 */
export function registryUrl(registry: string, mirrors: Mirrors): string {
  const url = mirrored(`https://${registry}`, mirrors);
  return url === 'https://docker.io' ? 'https://registry-1.docker.io' : url;
}

function checkedBase(base: string): string {
  if (/^https?:\/\/[^/]/.test(base)) return base;
  throw new KubewrightError('artifact-invalid', `the mirror "${base}" is no address`, {
    hint: 'A mirror in artifacts.mirrors begins with https:// or http://.',
  });
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
