import type { ProviderSpec } from '../model/cluster.js';
import { hostsProvider } from './hosts/hosts.js';
import { localProvider } from './local/local.js';
import type { Provider } from './provider.js';

/** The provider that a cluster.yaml names. */
export function providerFor(spec: ProviderSpec): Provider {
  switch (spec.kind) {
    case 'local':
      return localProvider();
    case 'hosts':
      return hostsProvider();
  }
}
