import type { Flag } from './command.js';

/** The flags of verbs that change a cluster: where the kubeconfig goes, and how nodes are let go. */
export const CHANGE_FLAGS = [
  {
    name: 'set-current-context',
    description: 'Make the new context the current one even where another one is current.',
  },
  {
    name: 'kubeconfig',
    value: 'FILE',
    description: 'Merge into this file instead of $KUBECONFIG or ~/.kube/config.',
    completes: 'file',
  },
  {
    name: 'direct',
    description:
      'Let the context go to one control plane, also where there are several: without a tunnel, and without moving on when that one is down.',
  },
  {
    name: 'force-unreachable',
    description: 'Remove nodes that do not answer without waiting for them: they are neither drained nor reset.',
  },
  {
    name: 'drain-timeout',
    value: 'SECONDS',
    atLeast: 1,
    default: 300,
    description: 'How long the pods of a node that leaves may take to go, disruption budgets included.',
    completes: 'nothing',
  },
  { name: 'force-drain', description: 'Delete pods that nothing would make again elsewhere, too.' },
] as const satisfies readonly Flag[];

/** What the flags say, in the operations' words. */
export function changeRequest(flags: {
  readonly file: string;
  readonly 'set-current-context': boolean;
  readonly kubeconfig: string | undefined;
  readonly direct: boolean;
  readonly 'force-unreachable': boolean;
  readonly 'drain-timeout': number;
  readonly 'force-drain': boolean;
}) {
  return {
    file: flags.file,
    setCurrentContext: flags['set-current-context'],
    kubeconfig: flags.kubeconfig,
    direct: flags.direct,
    forceUnreachable: flags['force-unreachable'],
    drainTimeout: flags['drain-timeout'],
    forceDrain: flags['force-drain'],
  };
}
