import type { EtcdStatus, StatusResult } from '../../operations/results.js';
import { count } from '../../ui/amounts.js';
import { clean } from '../../ui/text.js';
import type { Paint } from '../../ui/theme.js';
import { byText } from './by-text.js';
import { table } from './table.js';

/** The cluster in calm tables, and under them what is wrong and what differs. `now` is in milliseconds since 1970. */
export function printStatus(result: StatusResult, paint: Paint, now: number): string {
  return statusBlocks(result, paint, now)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** The same as blocks of lines, none of them empty; an empty line belongs between two of them. */
export function statusBlocks(result: StatusResult, paint: Paint, now: number): readonly (readonly string[])[] {
  return [
    head(result, paint),
    nodeTable(result, paint),
    serverTable(result, paint, now),
    result.etcd === undefined ? [] : [quorumLine(result.etcd, paint)],
    problemLines(result, paint),
    driftLines(result, paint),
  ].filter((lines) => lines.length > 0);
}

/** "3 of 3 etcd members healthy, 1 may be lost". */
export function quorumLine({ members, voters, healthy, needed }: EtcdStatus, paint: Paint): string {
  const numbers = `${healthy} of ${count(voters, 'etcd member')} healthy`;
  const learners = members.filter(({ votes }) => !votes).length;
  const joining = learners === 0 ? '' : `; ${learners} more ${learners === 1 ? 'does' : 'do'} not vote yet`;
  const spare = healthy - needed;
  if (spare < 0) return paint.red(`${numbers}, ${needed} are needed: it has no quorum${joining}`);
  const text = `${numbers}, ${spare === 0 ? 'none' : spare} may be lost${joining}`;
  return healthy < voters ? paint.yellow(text) : text;
}

function head({ cluster, apiReachable, server }: StatusResult, paint: Paint): readonly string[] {
  const api = apiReachable ? paint.green('the API answers') : paint.red('the API does not answer');
  return [`${paint.bold(cluster)}: ${api}${server === undefined ? '' : ` at ${server}`}`];
}

function nodeTable({ nodes, strangers }: StatusResult, paint: Paint): readonly string[] {
  const titles = ['NODE', 'ROLE', 'MACHINE', 'READY', 'VERSION', 'ADDRESS'];
  const rows = nodes.map((node) => [
    node.name,
    node.role,
    node.machine === 'running' ? node.machine : paint.red(node.machine),
    yesNo(node.ready, paint),
    node.version ?? '-',
    node.address ?? '-',
  ]);
  const others = strangers.map(({ name, ready, version }) => [
    clean(name),
    '-',
    '-',
    yesNo(ready, paint),
    version ?? '-',
    '-',
  ]);
  return lines(table([titles.map(paint.dim), ...rows, ...others]));
}

/** What only control planes have: an API server, a member of etcd, certificates. */
function serverTable({ nodes, apiServers, etcd }: StatusResult, paint: Paint, now: number): readonly string[] {
  const names = new Set([...apiServers.map(({ name }) => name), ...(etcd?.members.map(({ name }) => name) ?? [])]);
  const rows = [...names].map((name) => {
    const server = apiServers.find((candidate) => candidate.name === name);
    const expires = nodes.find((node) => node.name === name)?.certificatesExpire;
    return [
      clean(name) || '(never started)',
      server === undefined ? '-' : server.answers ? paint.green('answers') : paint.red('no answer'),
      memberWord(name, etcd, paint),
      expires === undefined ? '-' : expiry(expires, paint, now),
    ];
  });
  const titles = ['CONTROL PLANE', 'API SERVER', 'ETCD', 'CERTIFICATES'];
  return rows.length === 0 ? [] : lines(table([titles.map(paint.dim), ...rows]));
}

function memberWord(name: string, etcd: EtcdStatus | undefined, paint: Paint): string {
  const member = etcd?.members.find((candidate) => candidate.name === name);
  if (member === undefined) return '-';
  if (!member.healthy) return paint.red('not healthy');
  return member.votes ? paint.green('healthy') : paint.yellow('learner');
}

function problemLines({ nodes, problems }: StatusResult, paint: Paint): readonly string[] {
  const all = [
    ...problems.map((text) => ({ name: undefined, text })),
    ...nodes.flatMap((node) => node.problems.map((text) => ({ name: node.name, text }))),
  ];
  return all.length === 0 ? [] : [paint.yellow('Problems:'), ...byText(all)];
}

function driftLines({ nodes, strangers, drift }: StatusResult, paint: Paint): readonly string[] {
  const pending = (changes: number | undefined) => (changes ?? 0) > 0;
  const all = [
    ...nodes.filter(({ wanted }) => !wanted).map(({ name }) => ({ name, text: 'to be removed by `kubewright up`' })),
    ...strangers.map(({ name }) => ({ name, text: 'not in cluster.yaml and not made by kubewright' })),
    ...nodes
      .filter(({ pendingChanges }) => pending(pendingChanges))
      .map(({ name, pendingChanges }) => ({ name, text: pendingText(pendingChanges ?? 0) })),
    ...(pending(drift.addons) ? [{ name: 'add-ons', text: pendingText(drift.addons ?? 0) }] : []),
  ];
  return [
    ...(all.length === 0 ? [] : [paint.cyan('Not as in cluster.yaml:'), ...byText(all)]),
    ...(drift.unseen === undefined
      ? []
      : [paint.dim(`Changes were not counted everywhere: ${clean(drift.unseen)}. \`kubewright plan\` tells all.`)]),
  ];
}

function pendingText(changes: number): string {
  return `${count(changes, 'change')} pending: \`kubewright plan\` shows ${changes === 1 ? 'it' : 'them'}`;
}

function yesNo(value: boolean, paint: Paint): string {
  return value ? paint.green('yes') : paint.red('no');
}

function expiry(when: string, paint: Paint, now: number): string {
  const days = Math.floor((Date.parse(when) - now) / 86_400_000);
  if (days < 0) return paint.red(`expired ${when.slice(0, 10)}`);
  const text = `${days} days`;
  return days < 30 ? paint.yellow(text) : text;
}

function lines(text: string): readonly string[] {
  return text.split('\n');
}
