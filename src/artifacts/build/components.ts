import type { ComponentVersions } from '../component-versions.js';
import { CNI_PLUGINS } from '../placement.js';
import { type Component, type GoComponent, type GoProgram, goBinaryName, type ImageRecipe } from './component.js';

/**
 * What a payload is built from, in an order that gives small things first: a missing tool shows early.
 * Compiler and linker flags follow each project's own release build where they matter.
 */
export function components(versions: ComponentVersions): readonly Component[] {
  return [
    pause(versions),
    runc(versions.runc),
    cniPlugins(versions.cniPlugins),
    flannelCniPlugin(versions.flannelCni),
    containerd(versions.containerd),
    etcd(versions.etcd),
    flannel(versions.flannel),
    coredns(versions.coredns),
    kubernetes(versions.kubernetes),
  ];
}

/** To be raised when the way components are built changes without their data changing. */
export const BUILD_FORMAT = 2;

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

const STRIPPED = ['-s', '-w'];
const STATIC_C = ['-extldflags', '-static'];
/** Roots of trust for DNS over TLS, compiled in: the image needs no bundle of the building machine's. */
const ROOT_CERTIFICATES = 'golang.org/x/crypto/x509roots/fallback';

function kubernetes(version: string): GoComponent {
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
      image('kube-apiserver', '/usr/local/bin/kube-apiserver'),
      image('kube-controller-manager', '/usr/local/bin/kube-controller-manager'),
      image('kube-scheduler', '/usr/local/bin/kube-scheduler'),
      { ...image('kube-proxy', '/usr/local/bin/kube-proxy'), packetFilter: true },
    ],
  };
}

function containerd(version: string): Component {
  const programs = ['containerd', 'containerd-shim-runc-v2', 'ctr'];
  return {
    name: 'containerd',
    version,
    compile: {
      ...pureGo,
      modules: { 'github.com/containerd/containerd/v2': `v${version}` },
      programs: programs.map((name) => goProgram(`github.com/containerd/containerd/v2/cmd/${name}`)),
      tags: ['no_btrfs', 'no_aufs', 'no_zfs', 'no_devmapper'],
      ldflags: [...STRIPPED, '-X', `github.com/containerd/containerd/v2/version.Version=v${version}`],
    },
    files: Object.fromEntries(programs.map((name) => [name, name])),
    images: [],
  };
}

function runc(version: string): Component {
  return {
    name: 'runc',
    version,
    compile: {
      ...pureGo,
      modules: { 'github.com/opencontainers/runc': `v${version}` },
      programs: [goProgram('github.com/opencontainers/runc')],
      tags: ['seccomp', 'netgo', 'osusergo'],
      ldflags: [...STRIPPED, ...STATIC_C, '-X', `main.version=${version}`],
      libraries: ['libseccomp'],
    },
    files: { runc: 'runc' },
    images: [],
  };
}

function cniPlugins(version: string): Component {
  const folder: Readonly<Record<(typeof CNI_PLUGINS)[number], string>> = {
    bandwidth: 'meta',
    bridge: 'main',
    firewall: 'meta',
    'host-local': 'ipam',
    loopback: 'main',
    portmap: 'meta',
    ptp: 'main',
    tuning: 'meta',
  };
  return {
    name: 'cni-plugins',
    version,
    compile: {
      ...pureGo,
      modules: { [PLUGINS]: `v${version}` },
      programs: CNI_PLUGINS.map((name) => goProgram(`${PLUGINS}/plugins/${folder[name]}/${name}`)),
      ldflags: [...STRIPPED, '-X', `${PLUGINS}/pkg/utils/buildversion.BuildVersion=v${version}`],
    },
    files: Object.fromEntries(CNI_PLUGINS.map((name) => [`cni/${name}`, name])),
    images: [],
  };
}

function flannelCniPlugin(version: string): Component {
  return {
    name: 'flannel-cni',
    version,
    compile: {
      ...pureGo,
      modules: { [PLUGINS]: `v${version}` },
      programs: [goProgram(`${PLUGINS}/plugins/meta/flannel`)],
    },
    files: { 'cni/flannel': 'flannel' },
    images: [],
  };
}

function etcd(version: string): Component {
  const module = (name: string) => `go.etcd.io/etcd/${name}/v3`;
  return {
    name: 'etcd',
    version,
    compile: {
      ...pureGo,
      modules: Object.fromEntries(['server', 'etcdctl', 'etcdutl'].map((name) => [module(name), `v${version}`])),
      programs: [goProgram(module('server'), 'etcd'), goProgram(module('etcdctl')), goProgram(module('etcdutl'))],
    },
    files: {},
    images: [
      {
        name: 'etcd',
        programs: {
          '/usr/local/bin/etcd': 'etcd',
          '/usr/local/bin/etcdctl': 'etcdctl',
          '/usr/local/bin/etcdutl': 'etcdutl',
        },
        entrypoint: ['/usr/local/bin/etcd'],
        packetFilter: false,
      },
    ],
  };
}

function coredns(version: string): Component {
  const source = `package main

import (
	_ "github.com/coredns/coredns/core/plugin"
	"github.com/coredns/coredns/coremain"
	_ "${ROOT_CERTIFICATES}"
)

func main() { coremain.Run() }
`;
  return {
    name: 'coredns',
    version,
    compile: {
      ...pureGo,
      modules: {
        'github.com/coredns/coredns': `v${version}`,
        [ROOT_CERTIFICATES]: 'v0.0.0-20261030153154-30a33513ff6d',
      },
      programs: [{ output: 'coredns', main: { source } }],
    },
    files: {},
    images: [image('coredns', '/coredns')],
  };
}

function flannel(version: string): Component {
  const module = 'github.com/flannel-io/flannel';
  return {
    name: 'flannel',
    version,
    compile: {
      ...pureGo,
      modules: { [module]: `v${version}` },
      programs: [goProgram(module, 'flanneld'), goProgram(`${module}/cmd/install_conf`, 'install-conf')],
      ldflags: [...STRIPPED, '-X', `${module}/pkg/version.Version=v${version}`],
      // The one drags in a cloud's whole SDK, the other is a debugging aid that needs a C compiler.
      emptied: {
        module,
        packages: ['pkg/backend/tencentvpc', 'pkg/backend/udp'],
        requirements: [
          'github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common',
          'github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vpc',
        ],
      },
    },
    files: {},
    images: [
      {
        name: 'flannel',
        programs: { '/opt/bin/flanneld': 'flanneld', '/opt/bin/install-conf': 'install-conf' },
        entrypoint: ['/opt/bin/flanneld'],
        packetFilter: true,
      },
    ],
  };
}

/** As build/pause/Makefile of Kubernetes builds it. */
function pause(versions: ComponentVersions): Component {
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
    images: [{ ...image('pause', '/pause'), user: '65535:65535' }],
  };
}

const PLUGINS = 'github.com/containernetworking/plugins';

const pureGo = { kind: 'go', tags: [], ldflags: STRIPPED, libraries: [] } as const;

function goProgram(importPath: string, output = goBinaryName(importPath)): GoProgram {
  return { output, main: { package: importPath } };
}

function image(name: string, path: string): ImageRecipe {
  return { name, programs: { [path]: name }, entrypoint: [path], packetFilter: false };
}
