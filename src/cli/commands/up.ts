import { CHANGE_FLAGS, changeRequest } from '../change-flags.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { printUp } from '../print/up.js';

/** `kubewright up` */
export const up = defineCommand({
  name: 'up',
  summary: 'Make machines, Kubernetes on them, and a kubeconfig that works',
  description: `Makes the machines that cluster.yaml asks for, installs Kubernetes on them over SSH, and merges a kubeconfig
that was proven by a request. Ends with what \`kubectl get nodes\` says.

Whatever is already as it should be is left alone: a second run changes nothing. Nodes that cluster.yaml does not name any more
are drained and removed, which is asked before. A host that is down holds up no other. After an error or Ctrl-C the
same command goes on from where it stood.`,
  arguments: [],
  flags: CHANGE_FLAGS,
  examples: [
    { command: 'kubewright up', comment: 'The cluster of ./cluster.yaml' },
    {
      command: 'kubewright up -f staging.yaml --set-current-context',
      comment: 'Another file, and kubectl turned to it',
    },
    { command: 'kubewright up -o json | tee run.ndjson', comment: 'Events as JSON, one a line, for a program to read' },
  ],
  async run({ flags }, session) {
    const result = await session.perform((operations, operator) => operations.up(changeRequest(flags), operator), {
      resumes: true,
    });
    session.present(result, (paint) => printUp(result, paint));
    return EXIT.done;
  },
});
