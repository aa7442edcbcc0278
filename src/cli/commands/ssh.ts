import { defineCommand } from '../command.js';

/** `kubewright ssh` */
export const ssh = defineCommand({
  name: 'ssh',
  summary: 'Open a shell on a host, or run one command there',
  description: `Gives the terminal to the system's ssh, with the cluster's keys and known hosts. The words after -- are passed as
they are; for a pipe write sh -c '…'.

Exits with what ssh exits with: the command's own exit code, 255 when no connection came about.`,
  arguments: [{ name: 'HOST', description: "A node's name, as `kubewright status` shows it.", completes: 'host' }],
  flags: [],
  rest: { name: 'CMD', description: 'A command and its words to run instead of a shell.', required: false },
  examples: [
    { command: 'kubewright ssh control-plane-1', comment: 'A shell' },
    { command: 'kubewright ssh workers-1 -- journalctl -u kubelet -n 50', comment: 'One command' },
  ],
  run: ({ flags, arguments: { HOST: host }, rest }, session) =>
    session.perform((operations, operator) => operations.ssh({ file: flags.file, host, command: rest }, operator), {
      view: false,
      leavesCtrlC: true,
    }),
});
