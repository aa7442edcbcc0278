import type { ComponentVersions } from '../component-versions.js';
import { coredns, etcd, flannel } from './cluster-components.js';
import type { Component } from './component.js';
import { kubernetes, pause } from './kubernetes-components.js';
import { cniPlugins, containerd, flannelCniPlugin, runc } from './runtime-components.js';

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
