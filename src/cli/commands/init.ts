import { defineCommand } from '../command.js';
import { COMMON_FLAGS } from '../common-flags.js';
import { EXIT } from '../exit-codes.js';
import { givenAnswers } from '../init-answers.js';
import { isInteractive } from '../terminal.js';

/** `kubewright init` */
export const init = defineCommand({
  name: 'init',
  summary: 'Write a cluster.yaml, asking a few questions',
  description: `Asks for what no flag answers and writes a short, commented cluster.yaml to --file. With --yes, or without a
terminal, it asks nothing and takes the defaults.

An existing file is left alone unless --force is given.`,
  arguments: [],
  flags: [
    { name: 'name', value: 'NAME', description: "The cluster's name. Default: demo.", completes: 'nothing' },
    {
      name: 'provider',
      value: 'PROVIDER',
      choices: ['local', 'hosts'],
      description: 'Where the machines come from: containers on this computer, or machines that exist. Default: local.',
    },
    {
      name: 'control-planes',
      value: 'N',
      atLeast: 1,
      description: 'How many control planes, an odd number. Default: 1.',
      completes: 'nothing',
    },
    { name: 'workers', value: 'N', atLeast: 0, description: 'How many workers. Default: 2.', completes: 'nothing' },
    {
      name: 'kubernetes-version',
      value: 'VERSION',
      description: 'The release of Kubernetes. Default: the one that cluster.yaml has by default.',
      completes: 'nothing',
    },
    {
      name: 'hosts',
      value: 'ADDRESSES',
      description: 'With the provider hosts: addresses with commas between them, control planes first.',
      completes: 'nothing',
    },
    {
      name: 'user',
      value: 'USER',
      description: 'With the provider hosts: the user to log in as. Default: root.',
      completes: 'nothing',
    },
    {
      name: 'identity-file',
      value: 'FILE',
      description: 'With the provider hosts: the private SSH key.',
      completes: 'file',
    },
    { name: 'sudo-password', description: 'With the provider hosts: ask for the password of sudo when it is needed.' },
    {
      name: 'trust-on-first-use',
      description: 'With the provider hosts: accept unknown host keys once, then pin them.',
    },
    { name: 'force', description: 'Overwrite an existing file.' },
  ],
  examples: [
    { command: 'kubewright init', comment: 'Asks, then writes ./cluster.yaml' },
    { command: 'kubewright init --yes --name demo --workers 3', comment: 'Asks nothing' },
    {
      command: 'kubewright init --provider hosts --hosts 10.0.1.11,10.0.1.21,10.0.1.22 --user admin',
      comment: 'Machines that exist: one control plane, the others workers',
    },
  ],
  async run({ flags }, session) {
    const given = givenAnswers({
      name: flags.name,
      provider: flags.provider,
      controlPlanes: flags['control-planes'],
      workers: flags.workers,
      kubernetesVersion: flags['kubernetes-version'],
      hosts: flags.hosts,
      user: flags.user,
      identityFile: flags['identity-file'],
      sudoPassword: flags['sudo-password'],
      trustOnFirstUse: flags['trust-on-first-use'],
    });
    const asks = isInteractive(session.terminal) && !flags.yes && flags.output === 'text';
    const result = await session.perform(
      async (operations, { stop }) => {
        const { terminal } = session;
        const wizard = asks ? await import('../wizard.js') : undefined;
        const asked = (await wizard?.askAnswers(given, operations, terminal, stop)) ?? given;
        const answers = { ...operations.defaultAnswers(), ...asked };
        return operations.init({ file: flags.file, answers, force: flags.force });
      },
      { view: false },
    );
    session.present(result, () => `Wrote ${result.file}. Next: kubewright up${fileFlag(result.file)}`);
    return EXIT.done;
  },
});

function fileFlag(file: string): string {
  return file === COMMON_FLAGS[0].default ? '' : ` -f ${file}`;
}
