import { describeSupport, formatVersion, parseVersion, supportOf } from '../../model/version.js';
import type { Rule } from './rule.js';

export const supportedVersion: Rule = {
  about: `\`kubernetes.version\` is of a minor release that is supported: ${describeSupport()}.`,
  check: ({ kubernetes }) => {
    const version = parseVersion(kubernetes.version);
    const support = version === undefined ? undefined : supportOf(version);
    if (version === undefined || support === undefined || support.supported) return [];
    const message = `kubernetes.version: ${formatVersion(version)} is out of support: ${support.why}`;
    const hint = `This version of kubewright installs Kubernetes ${describeSupport()}; the nearest is ${support.nearest}.`;
    return [{ severity: 'error', path: ['kubernetes', 'version'], at: 'value', message, hint }];
  },
};
