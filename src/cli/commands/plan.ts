import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { printPlan } from '../print/plan.js';

/** `kubewright plan` */
export const plan = defineCommand({
  name: 'plan',
  summary: 'Show what `up` would do, host by host, and change nothing',
  description: `Looks at the machines as they are and shows every change that \`up\` would make, files as diffs.
Nothing is changed. Exits with 2 when something would change, with 0 when nothing would.

What can be told only after an earlier step (inside a machine that does not exist yet) is shown as not known.`,
  arguments: [],
  flags: [],
  examples: [
    { command: 'kubewright plan', comment: 'What would `up` change?' },
    { command: 'kubewright plan -o json', comment: 'For a program; the exit code says whether something would change' },
  ],
  async run({ flags }, session) {
    const result = await session.perform((operations, operator) => operations.plan({ file: flags.file }, operator));
    session.present(result, (paint) => printPlan(result, paint));
    if (result.steps.some((step) => step.verdict === 'failed')) return EXIT.failed;
    return result.steps.length > 0 ? EXIT.changesPending : EXIT.done;
  },
});
