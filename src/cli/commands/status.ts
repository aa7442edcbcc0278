import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { printStatus } from '../print/status.js';

/** `kubewright status` */
export const status = defineCommand({
  name: 'status',
  summary: 'Show nodes, versions, certificates and what is wrong',
  description: `Asks the machines and the cluster's API and shows one row a node: is the machine running, is the node Ready,
which version, until when its certificates hold, and what differs from cluster.yaml. Changes nothing.

Exits with 1 when something is wrong.`,
  arguments: [],
  flags: [],
  examples: [
    { command: 'kubewright status', comment: 'Is everything well?' },
    {
      command: `kubewright status -o json | jq -r 'select(.type=="result").result.nodes[] | select(.ready|not).name'`,
      comment: 'The names of the nodes that are not Ready',
    },
  ],
  async run({ flags }, session) {
    const result = await session.perform((operations, operator) => operations.status({ file: flags.file }, operator));
    session.present(result, (paint) => printStatus(result, paint, Date.now()));
    return result.healthy ? EXIT.done : EXIT.failed;
  },
});
