import type { NodeStatus, StatusResult } from '../../operations/results.js';
import type { Paint } from '../../ui/theme.js';
import { table } from './table.js';

/** The cluster in one table, and under it what is wrong with which node. `now` is in milliseconds since 1970. */
export function printStatus(result: StatusResult, paint: Paint, now: number): string {
  const api = result.apiReachable ? paint.green('the API answers') : paint.red('the API does not answer');
  const head = `${paint.bold(result.cluster)}: ${api}${result.server === undefined ? '' : ` at ${result.server}`}`;
  const titles = ['NAME', 'ROLE', 'MACHINE', 'READY', 'VERSION', 'ADDRESS', 'CERTIFICATES'];
  const rows = result.nodes.map((node) => nodeRow(node, paint, now));
  const problems = result.nodes.flatMap((node) => node.problems.map((problem) => `  ${node.name}: ${problem}`));
  return [
    head,
    '',
    table([titles.map(paint.dim), ...rows]),
    ...(problems.length > 0 ? ['', paint.yellow('Problems:'), ...problems] : []),
  ].join('\n');
}

function nodeRow(node: NodeStatus, paint: Paint, now: number): readonly string[] {
  return [
    node.name,
    node.role,
    node.machine === 'running' ? node.machine : paint.red(node.machine),
    node.ready ? paint.green('yes') : paint.red('no'),
    node.version ?? '-',
    node.address ?? '-',
    node.certificatesExpire === undefined ? '-' : expiry(node.certificatesExpire, paint, now),
  ];
}

function expiry(when: string, paint: Paint, now: number): string {
  const days = Math.floor((Date.parse(when) - now) / 86_400_000);
  if (days < 0) return paint.red(`expired ${when.slice(0, 10)}`);
  const text = `${days} days`;
  return days < 30 ? paint.yellow(text) : text;
}
