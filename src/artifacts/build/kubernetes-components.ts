import type { ComponentVersions } from '../component-versions.js';
import type { Component, GoComponent } from './component.js';
import { goProgram, imageOfProgram, pureGo, STRIPPED } from './recipe.js';

/** Kubernetes' own programs. */
export function kubernetes(version: string): GoComponent {
  const [major, minor, patch] = version.split('.');
  const set = (variable: string, value: string) => ['-X', `k8s.io/component-base/version.${variable}=${value}`];
  return {
    name: 'kubernetes',
    version,
    compile: {
      ...pureGo,
      modules: { 'k8s.io/kubernetes': `v${version}` },
      stagingVersion: `v0.${minor}.${patch}`,
      programs: [
        'kubeadm',
        'kubelet',
        'kubectl',
        'kube-apiserver',
        'kube-controller-manager',
        'kube-scheduler',
        'kube-proxy',
      ].map((name) => goProgram(`k8s.io/kubernetes/cmd/${name}`)),
      // Constants where a release has its commit and date: the same source gives the same bytes.
      ldflags: [
        ...STRIPPED,
        ...set('gitVersion', `v${version}`),
        ...set('gitMajor', `${major}`),
        ...set('gitMinor', `${minor}`),
        ...set('gitTreeState', 'clean'),
        ...set('gitCommit', 'unknown'),
        ...set('buildDate', '1970-01-01T00:00:00Z'),
        '-X',
        `k8s.io/client-go/pkg/version.gitVersion=v${version}`,
      ],
    },
    files: { kubeadm: 'kubeadm', kubelet: 'kubelet', kubectl: 'kubectl' },
    images: [
      imageOfProgram('kube-apiserver', '/usr/local/bin/kube-apiserver'),
      imageOfProgram('kube-controller-manager', '/usr/local/bin/kube-controller-manager'),
      imageOfProgram('kube-scheduler', '/usr/local/bin/kube-scheduler'),
      { ...imageOfProgram('kube-proxy', '/usr/local/bin/kube-proxy'), packetFilter: true },
    ],
  };
}

/** kubectl alone, for the operator's own platform. */
export function kubectlComponent(version: string): GoComponent {
  const all = kubernetes(version);
  return {
    ...all,
    name: 'kubectl',
    compile: { ...all.compile, programs: [goProgram('k8s.io/kubernetes/cmd/kubectl')] },
    files: { kubectl: 'kubectl' },
    images: [],
  };
}

/** The program that holds a pod's namespaces, as build/pause/Makefile of Kubernetes builds it. */
export function pause(versions: ComponentVersions): Component {
  return {
    name: 'pause',
    version: versions.pause,
    compile: {
      kind: 'c',
      module: 'k8s.io/kubernetes',
      version: `v${versions.kubernetes}`,
      source: 'build/pause/linux/pause.c',
      flags: ['-Os', '-static', '-s', '-Wl,--build-id=none', `-DVERSION=v${versions.pause}`],
      output: 'pause',
    },
    files: {},
    images: [{ ...imageOfProgram('pause', '/pause'), user: '65535:65535' }],
  };
}
