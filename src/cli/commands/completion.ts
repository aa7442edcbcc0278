import { defineCommand } from '../command.js';
import { completionScript, SHELLS } from '../completion/scripts.js';
import { EXIT } from '../exit-codes.js';

/** `kubewright completion` */
export const completion = defineCommand({
  name: 'completion',
  summary: 'Print the completion script of bash, zsh or fish',
  description: `Prints a script that makes the shell complete verbs, flags, files, clusters and the names of hosts. Put the
matching line of the examples into your shell's start-up file.`,
  arguments: [{ name: 'SHELL', description: 'Which shell.', choices: SHELLS }],
  flags: [],
  examples: [
    { command: 'eval "$(kubewright completion bash)"', comment: 'In ~/.bashrc' },
    { command: 'eval "$(kubewright completion zsh)"', comment: 'In ~/.zshrc, after compinit' },
    { command: 'kubewright completion fish | source', comment: 'In ~/.config/fish/config.fish' },
  ],
  async run({ arguments: { SHELL: shell } }, session) {
    const script = completionScript(SHELLS.find((each) => each === shell) ?? 'bash');
    session.present({ shell, script }, () => script.replace(/\n$/, ''));
    return EXIT.done;
  },
});
