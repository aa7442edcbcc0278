import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { printUp } from '../print/up.js';

/** `kubewright up` */
export const up = defineCommand({
  name: 'up',
  summary: 'Make machines, Kubernetes on them, and a kubeconfig that works',
  description: `Makes the machines that cluster.yaml asks for, installs Kubernetes on them over SSH, and merges a kubeconfig
that was proven by a request. Ends with what \`kubectl get nodes\` says.

Whatever is already as it should be is left alone: a second run changes nothing. After an error or Ctrl-C the
same command goes on from where it stood.`,
  arguments: [],
  flags: [
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
  ],
  examples: [
    { command: 'kubewright up', comment: 'The cluster of ./cluster.yaml' },
    {
      command: 'kubewright up -f staging.yaml --set-current-context',
      comment: 'Another file, and kubectl turned to it',
    },
    { command: 'kubewright up -o json | tee run.ndjson', comment: 'Events as JSON, one a line, for a program to read' },
  ],
  async run({ flags }, session) {
    const { kubeconfig, direct } = flags;
    const result = await session.perform(
      (operations, operator) =>
        operations.up(
          {
            file: flags.file,
            setCurrentContext: flags['set-current-context'],
            ...(direct ? { direct } : {}),
            ...(kubeconfig === undefined ? {} : { kubeconfig }),
          },
          operator,
        ),
      { resumes: true },
    );
    session.present(result, (paint) => printUp(result, paint));
    return EXIT.done;
  },
});
