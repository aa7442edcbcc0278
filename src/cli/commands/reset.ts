import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { printReset } from '../print/reset.js';
import { REMOVAL_FLAGS } from '../removal-flags.js';

/** `kubewright reset` */
export const reset = defineCommand({
  name: 'reset',
  summary: 'Take Kubernetes off the machines and leave the machines',
  description: `Takes everything off the cluster's machines that kubewright and Kubernetes put there: pods and their data, mounts,
network interfaces, tables of the packet filter, binaries, configuration, units. Then lists what is left on each machine, and
why. Removes the cluster's context from your kubeconfig. The machines stay, also those that kubewright made, and so does the
state folder: \`up\` makes the cluster anew on them. Asks for the cluster's name first, unless --yes is given.

Binaries, CNI configurations and containers that somebody else put there stay. A machine without a trace of kubewright is left
alone. Machines that do not answer are named at the end, and the others are reset all the same. May be run again at any time: it
takes away what is still there.`,
  arguments: [],
  flags: [
    ...REMOVAL_FLAGS,
    { name: 'force-unreachable', description: 'Leave out machines that do not answer, with a note for each.' },
  ],
  examples: [
    { command: 'kubewright reset', comment: 'Asks, then takes Kubernetes off the machines of ./cluster.yaml' },
    { command: 'kubewright reset --yes && kubewright up', comment: 'A new cluster on the same machines' },
    { command: 'kubewright reset --cluster demo --force-unreachable', comment: 'By name; one machine is broken' },
  ],
  async run({ flags }, session) {
    const { cluster, kubeconfig } = flags;
    const result = await session.perform(
      (operations, operator) =>
        operations.reset(
          {
            ...(cluster === undefined ? { file: flags.file } : { cluster }),
            kubeconfig,
            forceUnreachable: flags['force-unreachable'],
          },
          operator,
        ),
      { resumes: true },
    );
    session.present(result, (paint) => printReset(result, paint));
    return EXIT.done;
  },
});
