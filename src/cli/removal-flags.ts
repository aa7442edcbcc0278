import type { Flag } from './command.js';

/** The flags of verbs that take a cluster away: which one, and where its context is. */
export const REMOVAL_FLAGS = [
  {
    name: 'cluster',
    value: 'NAME',
    description: 'The cluster by its name, where its configuration is lost.',
    completes: 'cluster',
  },
  {
    name: 'kubeconfig',
    value: 'FILE',
    description: 'Remove the context from this file instead of $KUBECONFIG or ~/.kube/config.',
    completes: 'file',
  },
] as const satisfies readonly Flag[];
