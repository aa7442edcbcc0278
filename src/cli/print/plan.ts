import type { Change } from '../../core/step.js';
import type { PlannedStep, PlanResult } from '../../operations/results.js';
import { count } from '../../ui/amounts.js';
import type { Paint } from '../../ui/theme.js';

/** What `up` would do, per host in the order of its steps, file contents as diffs, and a line that sums it up. */
export function printPlan(result: PlanResult, paint: Paint): string {
  if (result.steps.length === 0) {
    return paint.green(
      `Nothing to do: ${count(result.unchanged, 'step')} of ${result.cluster} looked at, all current.`,
    );
  }
  const places = new Map<string, PlannedStep[]>();
  for (const step of result.steps) {
    const place = step.host ?? 'this machine';
    places.set(place, [...(places.get(place) ?? []), step]);
  }
  const blocks = [...places].map(([place, steps]) =>
    [paint.bold(place), ...steps.flatMap((step) => stepLines(step, paint))].join('\n'),
  );
  return [...blocks, summary(result, paint)].join('\n\n');
}

function stepLines(step: PlannedStep, paint: Paint): readonly string[] {
  switch (step.verdict) {
    case 'unknown':
      return [`  ${paint.dim('?')} ${step.title}`];
    case 'failed':
      return [`  ${paint.red('x')} ${step.title}: ${paint.red(step.error?.message ?? 'could not be looked at')}`];
    case 'change':
      return [`  ${step.title}`, ...step.changes.flatMap((change) => changeLines(change, paint))];
  }
}

function changeLines(change: Change, paint: Paint): readonly string[] {
  const why = change.why === undefined ? '' : paint.dim(` (${change.why})`);
  const disruptive = change.disruptive === true ? paint.yellow(' (disturbs running workloads)') : '';
  const diff = change.diff?.replace(/\n$/, '').split('\n') ?? [];
  return [
    `    ${mark(change, paint)} ${change.what}${why}${disruptive}`,
    ...diff.map((line) => `        ${diffLine(line, paint)}`),
  ];
}

function mark(change: Change, paint: Paint): string {
  if (change.disruptive === true) return paint.yellow('!');
  switch (change.action) {
    case 'create':
      return paint.green('+');
    case 'update':
      return paint.cyan('~');
    case 'delete':
      return paint.red('-');
    case 'run':
      return paint.cyan('>');
  }
}

function diffLine(line: string, paint: Paint): string {
  if (line.startsWith('+++') || line.startsWith('---')) return paint.bold(line);
  if (line.startsWith('@@')) return paint.cyan(line);
  if (line.startsWith('+')) return paint.green(line);
  if (line.startsWith('-')) return paint.red(line);
  return line;
}

function summary(result: PlanResult, paint: Paint): string {
  const changes = result.steps.flatMap((step) => step.changes);
  const hosts = new Set(result.steps.flatMap((step) => (step.host === undefined ? [] : [step.host])));
  const disruptive = changes.filter((change) => change.disruptive === true).length;
  const unknown = result.steps.filter((step) => step.verdict === 'unknown').length;
  const failed = result.steps.filter((step) => step.verdict === 'failed').length;
  return [
    paint.bold(`${count(changes.length, 'change')} on ${count(hosts.size, 'host')}`),
    disruptive > 0
      ? paint.yellow(`${disruptive} of them ${disruptive === 1 ? 'disturbs' : 'disturb'} running workloads`)
      : '',
    unknown > 0 ? `${count(unknown, 'step')} (?) that can be told only when those are done` : '',
    failed > 0 ? paint.red(`${count(failed, 'step')} could not be looked at`) : '',
    `${count(result.unchanged, 'step')} current`,
  ]
    .filter((part) => part !== '')
    .join(', ')
    .concat('.');
}
