import { KubewrightError } from '../../core/errors.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { printKubeconfig } from '../print/kubeconfig.js';

/** `kubewright kubeconfig` */
export const kubeconfig = defineCommand({
  name: 'kubeconfig',
  summary: "Print the cluster's kubeconfig, or merge it into yours",
  description: `Prints a kubeconfig with cluster-admin rights for the cluster, its endpoint proven by a request.

With --merge it is merged into $KUBECONFIG or ~/.kube/config instead (mode 0600, other contexts untouched), as
\`up\` does. The current context stays unless --set-current-context is given.

The context of a cluster with several control planes goes through a tunnel that moves on when one of them is down (see
\`kubewright help tunnel\`). That works on this machine only: what is printed goes to one control plane, and works anywhere.`,
  arguments: [],
  flags: [
    { name: 'merge', description: 'Merge it into your kubeconfig instead of printing it.' },
    { name: 'set-current-context', description: 'With --merge: make the context the current one.' },
    {
      name: 'kubeconfig',
      value: 'FILE',
      description: 'With --merge: the file to merge into.',
      completes: 'file',
    },
    { name: 'direct', description: 'To one control plane, also where there are several.' },
    {
      name: 'tunnel',
      description: 'Through the tunnel, also where there is one control plane, or with --merge left out.',
    },
  ],
  examples: [
    { command: 'kubewright kubeconfig > demo.kubeconfig', comment: 'A file to hand to somebody' },
    { command: 'kubewright kubeconfig --merge --direct', comment: 'Without the tunnel' },
    { command: 'kubewright kubeconfig --merge --set-current-context', comment: 'Turn kubectl to this cluster' },
  ],
  async run({ flags }, session) {
    const file = flags.kubeconfig;
    const { direct, tunnel } = flags;
    if (direct && tunnel) {
      throw new KubewrightError('usage', '--direct and --tunnel exclude each other', {
        hint: 'Give one of them, or none.',
      });
    }
    const result = await session.perform((operations, operator) =>
      operations.kubeconfig(
        {
          file: flags.file,
          merge: flags.merge,
          setCurrentContext: flags['set-current-context'],
          ...(direct ? { direct } : {}),
          ...(tunnel ? { tunnel } : {}),
          ...(file === undefined ? {} : { kubeconfig: file }),
        },
        operator,
      ),
    );
    session.present(result, () => printKubeconfig(result, flags.merge));
    return EXIT.done;
  },
});
