import { join } from 'node:path';
import type { Catalog } from '../../src/artifacts/catalog.js';
import { componentVersions } from '../../src/artifacts/component-versions.js';
import { CNI_PLUGINS, imagePlacements } from '../../src/artifacts/placement.js';
import type { ArtifactReport } from '../../src/artifacts/report.js';
import type { PayloadRequest } from '../../src/artifacts/resolve.js';
import { parseRef } from '../../src/artifacts/upstream/registry.js';
import { temporaryFolder } from '../state/folder.js';
import { layerOf, putImage } from './registry-content.js';
import { sha256, type UpstreamServer, upstreamServer } from './upstream-server.js';

/** All of upstream on one server, laid out as the real ones are, with small files and a catalog of their sums. */
export interface FakeUpstream {
  readonly server: UpstreamServer;
  readonly catalog: Catalog;
  readonly request: PayloadRequest;
  readonly reports: readonly ArtifactReport[];
  /** Paths on the server. */
  readonly paths: { readonly kubelet: string; readonly kubeletSum: string; readonly runc: string };
  /** What was said in notes. */
  notes(): readonly string[];
}

export const VERSION = '1.36.3';

/** Where the registries lie on the server; what is not named here is below /registry. */
const PREFIXES: Readonly<Record<string, string>> = { 'ghcr.io': '/ghcr', 'docker.io': '/hub' };

export async function fakeUpstream(): Promise<FakeUpstream> {
  const server = await upstreamServer();
  const versions = componentVersions(VERSION, 'upstream');
  const sums: Record<string, string> = {};
  const put = (name: string, path: string, content: string | Buffer) => {
    server.put(path, content);
    sums[name] = sha256(content);
    return path;
  };
  const binaries = `/dl/release/v${VERSION}/bin/linux/amd64`;
  for (const name of ['kubeadm', 'kubelet', 'kubectl']) {
    put(name, `${binaries}/${name}`, `${name} ${VERSION}`);
    server.put(`${binaries}/${name}.sha256`, sha256(`${name} ${VERSION}`));
  }
  put(
    'containerd-static',
    `/github/containerd-static-${versions.containerd}-linux-amd64.tar.gz`,
    layerOf({
      'bin/containerd': 'containerd',
      'bin/containerd-shim-runc-v2': 'shim',
      'bin/ctr': 'ctr',
      'bin/containerd-stress': 'unwanted',
    }),
  );
  const runc = put('runc', `/github/runc-${versions.runc}.amd64`, 'runc');
  put(
    'cni-plugins',
    `/github/cni-plugins-linux-amd64-v${versions.cniPlugins}.tgz`,
    layerOf(Object.fromEntries([...CNI_PLUGINS, 'dhcp', 'LICENSE'].map((name) => [name, `plugin ${name}`]))),
  );
  for (const { name, ref } of imagePlacements(versions)) {
    const { registry, repository, tag } = parseRef(ref);
    putImage(server, {
      prefix: PREFIXES[registry] ?? '/registry',
      repository,
      tag,
      platforms: { amd64: [{ [name]: `image ${name}` }] },
    });
  }
  putImage(server, {
    prefix: '/ghcr',
    repository: 'flannel-io/flannel-cni-plugin',
    tag: `v${versions.flannelCni}`,
    platforms: { amd64: [{ 'etc/os-release': 'small' }, { flannel: 'flannel plugin' }] },
  });

  const listed = (name: string, version: string) => ({ [version]: { amd64: sums[name] ?? '', arm64: '' } });
  const artifact = (name: string, version: string, url: string, publishedSum?: string) => ({
    url,
    sha256: listed(name, version),
    ...(publishedSum === undefined ? {} : { publishedSum }),
  });
  const release = 'https://dl.k8s.io/release/v{version}/bin/linux/{arch}';
  const catalog: Catalog = {
    artifacts: {
      ...Object.fromEntries(
        ['kubeadm', 'kubelet', 'kubectl'].map((name) => [
          name,
          artifact(name, VERSION, `${release}/${name}`, `${release}/${name}.sha256`),
        ]),
      ),
      'containerd-static': artifact(
        'containerd-static',
        versions.containerd,
        'https://github.com/containerd-static-{version}-linux-{arch}.tar.gz',
      ),
      runc: artifact('runc', versions.runc, 'https://github.com/runc-{version}.{arch}'),
      'cni-plugins': artifact(
        'cni-plugins',
        versions.cniPlugins,
        'https://github.com/cni-plugins-linux-{arch}-v{version}.tgz',
      ),
    },
  };
  const folder = temporaryFolder();
  const reports: ArtifactReport[] = [];
  return {
    server,
    catalog,
    reports,
    paths: { kubelet: `${binaries}/kubelet`, kubeletSum: `${binaries}/kubelet.sha256`, runc },
    notes: () => reports.flatMap((report) => (report.kind === 'note' ? [report.text] : [])),
    request: {
      arch: 'amd64',
      kubernetesVersion: VERSION,
      source: 'auto',
      mirrors: {
        'dl.k8s.io': `${server.url}/dl`,
        'github.com': `${server.url}/github`,
        'registry.k8s.io': `${server.url}/registry`,
        'ghcr.io': `${server.url}/ghcr`,
        'docker.io': `${server.url}/hub`,
      },
      cacheDirectory: join(folder, 'cache'),
      lockFile: join(folder, 'artifacts.lock'),
      catalog,
      report: (event) => void reports.push(event),
      signal: new AbortController().signal,
    },
  };
}

/** The catalog without the sums of one artifact. */
export function unlisted(catalog: Catalog, name: string): Catalog {
  const artifact = catalog.artifacts[name];
  if (artifact === undefined) throw new Error(`no ${name}`);
  return { artifacts: { ...catalog.artifacts, [name]: { ...artifact, sha256: {} } } };
}
