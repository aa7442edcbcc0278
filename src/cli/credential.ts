import { serializeError } from '../core/errors.js';
import { outputTo } from '../ui/output.js';
import { clusterIn } from './cluster-word.js';
import { EXIT } from './exit-codes.js';
import type { Terminal } from './terminal.js';

/**
 * `kubewright credential --cluster NAME`: what kubectl runs before its first request. Without a parser and without the
 * library, since every kubectl waits for it. Resolves with the exit code.
 */
export async function main(words: readonly string[], { stdout, stderr }: Terminal): Promise<number> {
  const cluster = clusterIn(words);
  const [, cli] = process.argv;
  if (cluster === undefined || cli === undefined) {
    outputTo(stderr).write('kubewright credential: expected --cluster NAME\n');
    return EXIT.usage;
  }
  try {
    const { credential } = await import('../operations/credential.js');
    outputTo(stdout).write(await credential(cluster, cli));
    return EXIT.done;
  } catch (error) {
    const { message, hint } = serializeError(error);
    outputTo(stderr).write(`kubewright: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`);
    return EXIT.failed;
  }
}
