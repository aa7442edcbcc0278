import { existsSync } from 'node:fs';
import { defineCommand } from '../command.js';
import { COMMON_FLAGS } from '../common-flags.js';
import { EXIT } from '../exit-codes.js';
import { printDoctor } from '../print/doctor.js';

const DEFAULT_FILE = COMMON_FLAGS[0].default;

/** `kubewright doctor` */
export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Check this machine, and the cluster if there is one, for what is missing',
  description: `Looks for what \`up\` needs on this machine (a container engine, tools to build from source, reachable sources,
room on the disk) and, where there is a cluster.yaml, at its machines. Changes nothing; says how to mend what it finds.

Exits with 1 when it finds a problem.`,
  arguments: [],
  flags: [],
  examples: [
    { command: 'kubewright doctor', comment: 'Could `up` work here?' },
    { command: 'kubewright doctor -f staging.yaml', comment: 'And with these machines?' },
  ],
  async run({ flags }, session) {
    // Without a configuration there is still this machine to look at; a file that was asked for must exist.
    const request = flags.file !== DEFAULT_FILE || existsSync(flags.file) ? { file: flags.file } : {};
    const result = await session.perform((operations, operator) => operations.doctor(request, operator));
    session.present(result, (paint) => printDoctor(result, paint));
    return result.checks.some((check) => check.state === 'problem') ? EXIT.failed : EXIT.done;
  },
});
