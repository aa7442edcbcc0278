import { describe, expect, test } from 'vitest';
import { mirrored, repositoryUrl } from '../../src/artifacts/upstream/mirrors.js';

const KUBELET = 'https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet';

describe('a mirror', () => {
  test('of a host stands in for it, below its own path', () => {
    expect(mirrored(KUBELET, { 'dl.k8s.io': 'http://mirror/k8s/' })).toBe(
      'http://mirror/k8s/release/v1.36.3/bin/linux/amd64/kubelet',
    );
  });

  test('of the beginning of an address goes before one of its host', () => {
    const mirrors = { 'github.com': 'http://all', 'https://github.com/containerd': 'http://some' };
    expect(mirrored('https://github.com/containerd/containerd/x', mirrors)).toBe('http://some/containerd/x');
    expect(mirrored('https://github.com/opencontainers/runc/x', mirrors)).toBe('http://all/opencontainers/runc/x');
  });

  test.each(['dl.k8s', 'k8s.io', 'dl.k8s.io.evil'])('of %s is not one of dl.k8s.io', (key) => {
    expect(mirrored(KUBELET, { [key]: 'http://mirror' })).toBe(KUBELET);
  });

  test.each(['mirror/k8s', 'ftp://mirror', 'https://'])('"%s" is refused: it is no address', (base) => {
    expect(() => mirrored(KUBELET, { 'dl.k8s.io': base })).toThrow(`the mirror "${base}" is no address`);
  });
});

describe('a registry', () => {
  test('is asked by its API', () => {
    expect(repositoryUrl('registry.k8s.io', 'coredns/coredns', {})).toBe('https://registry.k8s.io/v2/coredns/coredns');
  });

  test('of Docker Hub answers under another name than its images have, and its mirror has the name of the images', () => {
    expect(repositoryUrl('docker.io', 'library/haproxy', {})).toBe('https://registry-1.docker.io/v2/library/haproxy');
    expect(repositoryUrl('docker.io', 'library/haproxy', { 'docker.io': 'http://mirror:5000' })).toBe(
      'http://mirror:5000/v2/library/haproxy',
    );
  });

  test('has a mirror laid out as it is, or a project of a proxying registry', () => {
    expect(repositoryUrl('ghcr.io', 'flannel-io/flannel', { 'ghcr.io': 'http://mirror:5000' })).toBe(
      'http://mirror:5000/v2/flannel-io/flannel',
    );
    expect(repositoryUrl('ghcr.io', 'flannel-io/flannel', { 'ghcr.io': 'https://harbor.example/v2/proxy-ghcr' })).toBe(
      'https://harbor.example/v2/proxy-ghcr/flannel-io/flannel',
    );
  });
});
