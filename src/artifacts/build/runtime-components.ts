import { CNI_PLUGINS } from '../placement.js';
import type { Component } from './component.js';
import { goProgram, pureGo, STRIPPED } from './recipe.js';

/** The container runtime. */
export function containerd(version: string): Component {
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

/** What starts containers: the one component that is linked against a C library. */
export function runc(version: string): Component {
  return {
    name: 'runc',
    version,
    compile: {
      ...pureGo,
      modules: { 'github.com/opencontainers/runc': `v${version}` },
      programs: [goProgram('github.com/opencontainers/runc')],
      tags: ['seccomp', 'netgo', 'osusergo'],
      ldflags: [...STRIPPED, '-extldflags', '-static', '-X', `main.version=${version}`],
      libraries: ['libseccomp'],
    },
    files: { runc: 'runc' },
    images: [],
  };
}

/** The CNI plugins of containernetworking. */
export function cniPlugins(version: string): Component {
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

/** flannel's CNI plugin, in the last release of containernetworking's that held it. */
export function flannelCniPlugin(version: string): Component {
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

const PLUGINS = 'github.com/containernetworking/plugins';
