import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { printKubeconfig } from '../print/kubeconfig.js';

/** `kubewright kubeconfig` */
export const kubeconfig = defineCommand({
  name: 'kubeconfig',
  summary: "Print the cluster's kubeconfig, or merge it into yours",
  description: `Prints a kubeconfig with cluster-admin rights for the cluster, its endpoint proven by a request.

With --merge it is merged into $KUBECONFIG or ~/.kube/config instead (mode 0600, other contexts untouched), as
\`up\` does. The current context stays unless --set-current-context is given.`,
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
  ],
  examples: [
    { command: 'kubewright kubeconfig > demo.kubeconfig', comment: 'A file to hand to somebody' },
    { command: 'kubewright kubeconfig --merge --set-current-context', comment: 'Turn kubectl to this cluster' },
  ],
  async run({ flags }, session) {
    const file = flags.kubeconfig;
    const result = await session.perform((operations, operator) =>
      operations.kubeconfig(
        {
          file: flags.file,
          merge: flags.merge,
          setCurrentContext: flags['set-current-context'],
          ...(file === undefined ? {} : { kubeconfig: file }),
        },
        operator,
      ),
    );
    session.present(result, () => printKubeconfig(result, flags.merge));
    return EXIT.done;
  },
});
