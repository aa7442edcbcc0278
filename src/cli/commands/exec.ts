import { KubewrightError } from '../../core/errors.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { printExec } from '../print/exec.js';

/** `kubewright exec` */
export const exec = defineCommand({
  name: 'exec',
  summary: 'Run a command on several hosts at once',
  description: `Runs a command as root on the named hosts, or on all, in parallel, and shows each host's output with its name
before every line. The words after -- are passed as they are; for a pipe write sh -c '…'.

Exits with 1 when it failed on any host.`,
  arguments: [{ name: 'HOST', description: 'Names of nodes.', optional: true, variadic: true, completes: 'host' }],
  flags: [
    { name: 'all', short: 'a', description: 'On every host of the cluster.' },
    {
      name: 'parallel',
      value: 'N',
      atLeast: 1,
      default: 10,
      description: 'On how many hosts at the same time.',
      completes: 'nothing',
    },
  ],
  rest: { name: 'CMD', description: 'The command and its words.', required: true },
  examples: [
    { command: 'kubewright exec --all -- uname -r', comment: "Every host's kernel" },
    { command: "kubewright exec workers-1 workers-2 -- sh -c 'crictl ps | wc -l'", comment: 'A pipe on two hosts' },
  ],
  async run({ flags, arguments: { HOST: hosts }, rest }, session) {
    if (flags.all === hosts.length > 0) {
      throw new KubewrightError(
        'usage',
        flags.all ? `--all and the hosts ${hosts.join(', ')} exclude each other` : 'on which hosts?',
        { hint: 'Name hosts before --, or give --all: kubewright exec --all -- CMD.' },
      );
    }
    const results = await session.perform((operations, operator) =>
      operations.exec(
        { file: flags.file, hosts: flags.all ? 'all' : hosts, command: rest, parallel: flags.parallel },
        operator,
      ),
    );
    session.present(results, (paint) => printExec(results, paint));
    return results.every(({ code, error }) => code === 0 && error === undefined) ? EXIT.done : EXIT.failed;
  },
});
