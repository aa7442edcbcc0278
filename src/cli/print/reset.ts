import type { HostReset, ResetResult } from '../../operations/results.js';
import type { Paint } from '../../ui/theme.js';

/** What was taken off the machines and what is left on them; machines with the same list share it. */
export function printReset(result: ResetResult, paint: Paint): string {
  const { cluster, hosts, removed } = result;
  const reset = hosts.filter((host) => host.silent === undefined);
  const headline = reset.every((host) => host.removed.length === 0)
    ? `There was no trace of ${cluster} to take off.`
    : `Kubernetes is off ${names(reset)}.`;
  const here = removed.length === 0 ? [] : ['', 'Removed here:', ...removed.map((thing) => `  ${thing}`)];
  return [paint.green(headline), ...hostLines(hosts, paint), ...here].join('\n');
}

/** The same of the machines alone, each block after an empty line. */
export function hostLines(hosts: readonly HostReset[], paint: Paint): readonly string[] {
  const removed = grouped(hosts, (host) => byFolder(host.removed));
  const left = grouped(hosts, (host) => host.left.map(({ what, why }) => `${what}${paint.dim(`: ${why}`)}`));
  const silent = hosts.filter((host) => host.silent !== undefined);
  return [
    ...removed.flatMap(([on, lines]) => ['', `Removed from ${on}:`, ...lines]),
    ...left.flatMap(([on, lines]) => ['', `Left on ${on}:`, ...lines]),
    ...(silent.length === 0 ? [] : ['', paint.yellow(`Left as they are, since they do not answer: ${names(silent)}.`)]),
  ];
}

/** Each list that is not empty, with the machines that have it, in the order in which it came first. */
function grouped(
  hosts: readonly HostReset[],
  linesOf: (host: HostReset) => readonly string[],
): readonly (readonly [string, readonly string[]])[] {
  const groups = new Map<string, HostReset[]>();
  for (const host of hosts) {
    const text = linesOf(host)
      .map((line) => `  ${line}`)
      .join('\n');
    if (text !== '') groups.set(text, [...(groups.get(text) ?? []), host]);
  }
  return [...groups].map(([text, members]) => [names(members), [text]]);
}

/** Files of one folder on one line, where the first of them stands. */
function byFolder(things: readonly string[]): readonly string[] {
  const folders = new Map<string, string[]>();
  for (const thing of things) {
    const [, folder = '', name = thing] = /^(\/.*\/)([^/]+)$/.exec(thing) ?? [];
    const key = folder === '' ? thing : folder;
    folders.set(key, [...(folders.get(key) ?? []), name]);
  }
  return [...folders].map(([key, list]) => {
    if (!key.endsWith('/')) return key;
    return list.length === 1 ? `${key}${list[0]}` : `${key}: ${list.join(', ')}`;
  });
}

function names(hosts: readonly HostReset[]): string {
  return hosts.map(({ host }) => host).join(', ');
}
