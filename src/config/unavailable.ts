import type { Path } from './problem.js';

/*
 * What users of similar tools reach for and this version does not have. Saying so plainly is worth more than
 * "unknown", and keeps anybody from looking for a typing error.
 */

/** Says that a well-known key or value is not in this version; undefined for a word that is simply unknown. */
export function unavailable(path: Path, word: string): string | undefined {
  const known = UNAVAILABLE.find(({ at, words }) => at === path.join('.') && words.includes(word));
  if (known === undefined) return undefined;
  const instead = known.has === undefined ? '' : `; it has ${known.has}`;
  return `this version of kubewright has no ${known.what}${known.has === undefined ? '' : ` "${word}"`}${instead}`;
}

const UNAVAILABLE: readonly {
  /** Path of the mapping (for a key) or of the field (for a value). */
  readonly at: string;
  readonly what: string;
  readonly words: readonly string[];
  readonly has?: string;
}[] = [
  {
    at: 'provider',
    what: 'provider',
    words: ['aws', 'azure', 'gcp', 'google', 'hetzner', 'openstack', 'vsphere', 'vagrant', 'libvirt', 'kind', 'lima'],
    has: 'local and hosts',
  },
  { at: 'engine', what: 'engine', words: ['kubespray', 'k3s', 'k0s', 'rke2', 'talos', 'kubeadm'], has: 'native' },
  {
    at: 'network.cni',
    what: 'network plugin',
    words: ['calico', 'cilium', 'canal', 'weave', 'antrea', 'kube-router', 'kube-ovn', 'multus'],
    has: 'flannel',
  },
  { at: '', what: 'bastion', words: ['bastion'] },
  { at: '', what: 'add-ons', words: ['addons'] },
];
