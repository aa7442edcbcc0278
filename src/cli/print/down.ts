import type { DownResult } from '../../operations/results.js';
import type { Paint } from '../../ui/theme.js';

/** What was removed, one thing a line. */
export function printDown(result: DownResult, paint: Paint): string {
  if (result.removed.length === 0) return paint.green(`${result.cluster} was not there: nothing to remove.`);
  return [paint.green(`${result.cluster} is gone. Removed:`), ...result.removed.map((thing) => `  ${thing}`)].join(
    '\n',
  );
}
