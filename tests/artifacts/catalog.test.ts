import { describe, expect, test } from 'vitest';
import { CATALOG, catalogEntry } from '../../src/artifacts/catalog.js';
import { componentVersions, DEFAULT_KUBERNETES_VERSION } from '../../src/artifacts/component-versions.js';
import { filePlacements, imagePlacements } from '../../src/artifacts/placement.js';

describe('the catalog', () => {
  test('has a sha256 of every file, for both architectures and no two the same', () => {
    const sums = Object.values(CATALOG.artifacts).flatMap(({ sha256 }) =>
      Object.values(sha256).flatMap(({ amd64, arm64 }) => [amd64, arm64]),
    );
    expect(sums.length).toBeGreaterThan(100);
    for (const sum of sums) expect(sum).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(sums).size).toBe(sums.length);
  });

  test('has addresses with nothing left to fill in', () => {
    for (const name of Object.keys(CATALOG.artifacts)) {
      const { url, publishedSum } = catalogEntry(CATALOG, name, '1.2.3', 'arm64');
      expect(url).toMatch(/^https:\/\/[^{}]*1\.2\.3[^{}]*arm64[^{}]*$/);
      expect(publishedSum ?? url).not.toMatch(/[{}]/);
    }
  });

  test.each(['amd64', 'arm64'] as const)('lists every file of the default version for %s', (arch) => {
    const { kubernetes, containerd, runc, cniPlugins } = componentVersions(DEFAULT_KUBERNETES_VERSION, 'upstream');
    for (const [name, version] of [
      ['kubeadm', kubernetes],
      ['kubelet', kubernetes],
      ['kubectl', kubernetes],
      ['containerd-static', containerd],
      ['runc', runc],
      ['cni-plugins', cniPlugins],
    ] as const) {
      expect(catalogEntry(CATALOG, name, version, arch).sha256, `${name} ${version}`).toBeDefined();
    }
  });
});

describe('the versions that go with a Kubernetes version', () => {
  test('are those that kubeadm 1.36 asks for', () => {
    const refs = imagePlacements(componentVersions('1.36.3', 'upstream')).map(({ ref }) => ref);
    expect(refs).toEqual([
      'registry.k8s.io/kube-apiserver:v1.36.3',
      'registry.k8s.io/kube-controller-manager:v1.36.3',
      'registry.k8s.io/kube-scheduler:v1.36.3',
      'registry.k8s.io/etcd:3.6.8-0',
      'registry.k8s.io/kube-proxy:v1.36.3',
      'registry.k8s.io/coredns/coredns:v1.14.2',
      'registry.k8s.io/pause:3.10.2',
      'ghcr.io/flannel-io/flannel:v0.28.10',
      'docker.io/library/haproxy:3.2.21-alpine',
    ]);
  });

  test('are the newest known for a minor version that is newer', () => {
    const newest = componentVersions('1.37.2', 'upstream');
    expect(componentVersions('1.99.0', 'upstream')).toEqual({ ...newest, kubernetes: '1.99.0' });
  });

  test('name the tag of every image as its version', () => {
    for (const { ref, version } of imagePlacements(componentVersions('1.35.4', 'build'))) {
      expect(ref.endsWith(`:${version}`)).toBe(true);
    }
  });

  test('give workers nothing that only control planes run', () => {
    const versions = componentVersions('1.36.3', 'build');
    const forWorkers = [...filePlacements(versions), ...imagePlacements(versions)]
      .filter(({ roles }) => roles.includes('worker'))
      .map(({ name }) => name);
    expect(forWorkers).not.toContain('kube-apiserver');
    expect(forWorkers).not.toContain('etcd');
    const onEvery = ['kubelet', 'runc', 'cni/flannel', 'kube-proxy', 'pause', 'haproxy'];
    expect(forWorkers).toEqual(expect.arrayContaining(onEvery));
  });
});
