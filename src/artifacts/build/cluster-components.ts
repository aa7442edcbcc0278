import type { Component } from './component.js';
import { goProgram, imageOfProgram, pureGo, STRIPPED } from './recipe.js';

/** etcd with its two tools in one image. */
export function etcd(version: string): Component {
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

/** CoreDNS with root certificates compiled in. */
export function coredns(version: string): Component {
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
    images: [imageOfProgram('coredns', '/coredns')],
  };
}

/** flannel's daemon and what it puts its CNI configuration in place with. */
export function flannel(version: string): Component {
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

/** Roots of trust for DNS over TLS: the image needs no bundle of the building machine's. */
const ROOT_CERTIFICATES = 'golang.org/x/crypto/x509roots/fallback';
