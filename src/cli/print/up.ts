import { duration } from '../../core/duration.js';
import type { UpResult } from '../../operations/results.js';
import { count } from '../../ui/amounts.js';
import type { Paint } from '../../ui/theme.js';
import { table } from './table.js';

/** How `up` ends: what happened, `kubectl get nodes -o wide`, where things lie, and what to try next. */
export function printUp(result: UpResult, paint: Paint): string {
  const { cluster, changed, ms, kubeconfig } = result;
  const headline =
    changed === 0
      ? `${cluster} is as it should be: nothing changed (${duration(ms)}).`
      : `${cluster} is ready: ${count(changed, 'change')} in ${duration(ms)}.`;
  const context = kubeconfig.current
    ? `context ${kubeconfig.context}, now the current one`
    : `context ${kubeconfig.context}; the current context was left as it is`;
  return [
    paint.green(paint.bold(headline)),
    '',
    result.nodes.trimEnd(),
    '',
    table([
      ['kubeconfig', `${kubeconfig.path} (${context})`],
      ['kubectl', result.kubectl],
    ]),
    '',
    'Next:',
    table(result.next.map(({ command, why }) => [`  ${paint.bold(command)}`, paint.dim(`# ${why}`)])),
  ].join('\n');
}
