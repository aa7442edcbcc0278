import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { printDown } from '../print/down.js';
import { REMOVAL_FLAGS } from '../removal-flags.js';

/** `kubewright down` */
export const down = defineCommand({
  name: 'down',
  summary: 'Destroy the cluster and the machines that were made for it',
  description: `Removes the machines with their networks and volumes, the cluster's context from your kubeconfig, its tunnel, and
its state folder. Asks for the cluster's name first, unless --yes is given; without a terminal --yes is needed.

Artifacts and the image of a node stay in the cache, for the next cluster. Machines that existed before stay, too: Kubernetes
is taken off them, and what is left on them is shown with the reason, as \`reset\` does.`,
  arguments: [],
  flags: [
    ...REMOVAL_FLAGS,
    {
      name: 'force-unreachable',
      description: 'Leave machines that existed before and do not answer as they are, with Kubernetes on them.',
    },
  ],
  examples: [
    { command: 'kubewright down', comment: 'Asks, then removes the cluster of ./cluster.yaml' },
    { command: 'kubewright down --cluster demo --yes', comment: 'By name and without a question' },
  ],
  async run({ flags }, session) {
    const { cluster, kubeconfig } = flags;
    const result = await session.perform(
      (operations, operator) =>
        operations.down(
          {
            ...(cluster === undefined ? { file: flags.file } : { cluster }),
            ...(kubeconfig === undefined ? {} : { kubeconfig }),
            ...(flags['force-unreachable'] ? { forceUnreachable: true } : {}),
          },
          operator,
        ),
      { resumes: true },
    );
    session.present(result, (paint) => printDown(result, paint));
    return EXIT.done;
  },
});
