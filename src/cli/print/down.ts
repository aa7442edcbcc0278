import type { DownResult } from '../../operations/results.js';
import type { Paint } from '../../ui/theme.js';
import { hostLines } from './reset.js';

/** What was removed, one thing a line; of machines that stay, also what is left on them. */
export function printDown(result: DownResult, paint: Paint): string {
  const { cluster, hosts, removed } = result;
  if (removed.length === 0) return paint.green(`${cluster} was not there: nothing to remove.`);
  return [
    paint.green(`${cluster} is gone. Removed:`),
    ...removed.map((thing) => `  ${thing}`),
    ...hostLines(hosts, paint),
  ].join('\n');
}
