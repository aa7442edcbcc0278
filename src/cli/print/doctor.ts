import type { DoctorResult } from '../../operations/results.js';
import { count } from '../../ui/amounts.js';
import type { Paint } from '../../ui/theme.js';
import { table } from './table.js';

/** One row a check, with its fix under it where there is one, and a line that sums it up. */
export function printDoctor(result: DoctorResult, paint: Paint): string {
  const rows = result.checks.flatMap((check) => {
    const row = [stateWord(check.state, paint), check.name, check.detail];
    return check.fix === undefined ? [row] : [row, ['', '', paint.dim(`→ ${check.fix}`)]];
  });
  const problems = result.checks.filter((check) => check.state === 'problem').length;
  const warnings = result.checks.filter((check) => check.state === 'warning').length;
  const verdict =
    problems > 0
      ? paint.red(`${count(problems, 'problem')}, ${count(warnings, 'warning')}.`)
      : warnings > 0
        ? paint.yellow(`No problem, ${count(warnings, 'warning')}.`)
        : paint.green('All is well.');
  return `${table(rows)}\n\n${verdict}`;
}

function stateWord(state: DoctorResult['checks'][number]['state'], paint: Paint): string {
  switch (state) {
    case 'ok':
      return paint.green('ok');
    case 'warning':
      return paint.yellow('warning');
    case 'problem':
      return paint.red('problem');
  }
}
