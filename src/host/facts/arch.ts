import type { Arch } from '../../model/cluster.js';
import { sh } from '../../transport/command.js';
import { defineProbe } from '../probe.js';

/** The processor's architecture, by the name that Kubernetes gives it. Fails on any that there are no artifacts for. */
export const arch = defineProbe<Arch>({
  name: 'architecture',
  script: sh`uname -m`,
  parse(output) {
    if (output === 'x86_64' || output === 'amd64') return 'amd64';
    if (output === 'aarch64' || output === 'arm64') return 'arm64';
    throw new Error(`"${output}" is not supported, only x86_64 and aarch64 are`);
  },
});
