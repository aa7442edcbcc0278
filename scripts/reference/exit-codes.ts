import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { markdownTable, page, pageHead } from './markdown.js';

/** docs/reference/exit-codes.md */
export function exitCodeReference(): string {
  return page([
    pageHead('Exit codes', 'src/cli/exit-codes.ts'),
    markdownTable(
      ['Code', 'Meaning'],
      Object.values(EXIT_CODES).map(({ code, meaning }) => [`${code}`, meaning]),
    ),
    "`kubewright ssh` exits with what `ssh` exits with: the remote command's own code, 255 when no connection came about.",
    'The first Ctrl-C or SIGTERM stops, the second aborts, the third ends the program at once.',
  ]);
}
