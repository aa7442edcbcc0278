import { outputTo } from '../../ui/output.js';
import { type CommandDefinition, defineCommand } from '../command.js';
import { complete } from '../completion/candidates.js';
import { EXIT } from '../exit-codes.js';

/** `kubewright __complete -- WORD…`: what the completion scripts ask at each Tab, answered from the verbs' own data. */
export function completeCommand(verbs: readonly CommandDefinition[]): CommandDefinition {
  return defineCommand({
    name: '__complete',
    summary: 'Answer a completion script',
    description: "Prints what could stand in the last word's place.",
    arguments: [],
    flags: [],
    rest: { name: 'WORD', description: 'The words after "kubewright" up to the cursor.', required: false },
    examples: [],
    hidden: true,
    async run({ rest }, session) {
      const { candidates, files } = await complete(rest, verbs, session.names);
      const lines = candidates.map(({ word, description }) => `${word}\t${description}`);
      const answer = [...lines, ...(files ? [':files'] : [])];
      if (answer.length > 0) outputTo(session.terminal.stdout).write(`${answer.join('\n')}\n`);
      return EXIT.done;
    },
  });
}
