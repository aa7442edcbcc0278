import type { Arch } from '../../model/cluster.js';
import { catalogEntry } from '../catalog.js';
import type { ComponentVersions } from '../component-versions.js';
import { CNI_PLUGINS, imagePlacements } from '../placement.js';
import type { Unit } from '../unit.js';
import { type Files, fileUnit, WHOLE_FILE } from './file-unit.js';
import { flannelCniUnit, imageUnit } from './image-unit.js';
import type { UpstreamOptions } from './upstream-options.js';

/** A payload as units that are downloaded. */
export function upstreamUnits(versions: ComponentVersions, arch: Arch, options: UpstreamOptions): readonly Unit[] {
  const { kubernetes, containerd, runc, cniPlugins } = versions;
  const file = (name: string, version: string, files: Files) =>
    fileUnit(catalogEntry(options.catalog, name, version, arch), files, options);
  return [
    ...(['kubeadm', 'kubelet', 'kubectl'] as const).map((name) => file(name, kubernetes, { [name]: WHOLE_FILE })),
    file('containerd-static', containerd, {
      containerd: 'bin/containerd',
      'containerd-shim-runc-v2': 'bin/containerd-shim-runc-v2',
      ctr: 'bin/ctr',
    }),
    file('runc', runc, { runc: WHOLE_FILE }),
    file('cni-plugins', cniPlugins, Object.fromEntries(CNI_PLUGINS.map((name) => [`cni/${name}`, name]))),
    flannelCniUnit(versions.flannelCni, arch, options),
    ...imagePlacements(versions).map(({ name, ref, version }) => imageUnit(name, ref, version, arch, options)),
  ];
}
