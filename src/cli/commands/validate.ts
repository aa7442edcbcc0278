import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { printValidate } from '../print/validate.js';

/** `kubewright validate` */
export const validate = defineCommand({
  name: 'validate',
  summary: 'Check cluster.yaml offline, every problem at once',
  description: `Checks the configuration and nothing else: no machine is touched and nothing is downloaded. Shows every problem
with file, line and column, the line itself, and how to mend it.

Exits with 64 when there is a problem; warnings are shown and let through.`,
  arguments: [
    {
      name: 'FILE',
      description: 'The configuration, instead of --file.',
      optional: true,
      completes: 'file',
    },
  ],
  flags: [],
  examples: [
    { command: 'kubewright validate', comment: 'Check ./cluster.yaml' },
    { command: 'kubewright validate staging.yaml', comment: 'Check another file' },
    {
      command: "kubewright validate -o json | jq '.result.diagnostics[] | {line, message}'",
      comment: 'The problems for a program',
    },
  ],
  async run({ flags, arguments: { FILE: named } }, session) {
    const file = named ?? flags.file;
    const result = await session.perform((operations) => operations.validate({ file }), { view: false });
    session.present(result, (paint) => printValidate(result, paint));
    return result.valid ? EXIT.done : EXIT.usage;
  },
});
