import type { ExecResult } from '../../operations/results.js';
import type { Paint } from '../../ui/theme.js';

/** What the command printed, on the stream it printed it to. */
export interface ExecText {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The output of one host as it is, of several with the host's name before each line; what went wrong on a
 * host (no connection, another exit code than 0) is a line on stderr.
 */
export function printExec(results: readonly ExecResult[], paint: Paint): ExecText {
  const width = Math.max(0, ...results.map((result) => result.host.length));
  const prefix = (host: string) => (results.length === 1 ? '' : `${paint.cyan(host.padEnd(width))}  `);
  const lines = (host: string, text: string) =>
    text === ''
      ? ''
      : text
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => `${prefix(host)}${line}\n`)
          .join('');
  const failure = ({ host, code, error }: ExecResult) => {
    if (error !== undefined) return lines(host, paint.red(error.message));
    return code === 0 ? '' : lines(host, paint.red(`exit ${code}`));
  };
  return {
    stdout: results.map(({ host, stdout }) => lines(host, stdout)).join(''),
    stderr: results.map((result) => lines(result.host, result.stderr) + failure(result)).join(''),
  };
}
