import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubewrightError } from '../core/errors.js';
import { runProgram } from '../transport/program.js';
import type { ApiAccess } from './access.js';
import { renderKubeconfig } from './kubeconfig.js';

export interface DrainOptions {
  /** The pinned kubectl. */
  readonly kubectl: string;
  readonly access: Pick<ApiAccess, 'server' | 'credentials'>;
  readonly node: string;
  /** How long pods may take to go, disruption budgets included, in milliseconds. */
  readonly timeoutMs: number;
  /** Does the kubelet still answer? Else pods are not waited for that nobody can end any more. */
  readonly ready: boolean;
  /** Also deletes pods that nothing would make again elsewhere. */
  readonly force: boolean;
  readonly signal: AbortSignal;
  readonly line: (text: string) => void;
}

/**
 * Cordons a node and moves its pods elsewhere by `kubectl drain`: through the eviction API, so that disruption budgets
 * are respected. DaemonSets' pods stay, data in emptyDir go with the node. Errors: `drain-blocked`, naming the pods
 * and what blocks them; the node stays cordoned then.
 */
export async function drainNode(options: DrainOptions): Promise<void> {
  const { kubectl, access, node, timeoutMs, signal } = options;
  const folder = await mkdtemp(join(tmpdir(), 'kubewright-'));
  try {
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, renderKubeconfig({ name: 'drain', ...access }), { mode: 0o600 });
    const said: string[] = [];
    const args = [
      ...['--kubeconfig', kubeconfig, 'drain', node, '--ignore-daemonsets', '--delete-emptydir-data'],
      `--timeout=${Math.ceil(timeoutMs / 1000)}s`,
      ...(options.force ? ['--force'] : []),
      ...(options.ready ? [] : ['--skip-wait-for-delete-timeout=10']),
    ];
    const { code } = await runProgram(kubectl, args, {
      signal,
      timeoutMs: timeoutMs + 30_000,
      onLine(text) {
        said.push(text);
        options.line(text);
      },
    });
    if (code !== 0) throw blocked(node, said, timeoutMs);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * From what kubectl said while it tried: each blocked pod once, with the reason it was given last. That the time was
 * over is no reason where it was said before what was waited for.
 */
export function blockers(said: readonly string[]): readonly string[] {
  const found = new Map<string, string>();
  for (const line of said) {
    const refused = /^error when evicting pods\/"([^"]+)" -n "([^"]+)"(?: \(will retry after [^)]+\))?: (.*)$/.exec(
      line,
    );
    if (refused !== null) {
      const [, name, namespace, why = ''] = refused;
      const pod = `${namespace}/${name}`;
      if (!(found.has(pod) && why.startsWith('global timeout reached'))) found.set(pod, why);
    }
    const lingering = /^error when waiting for pod "([^"]+)" in namespace "([^"]+)" to terminate: (.*)$/.exec(line);
    if (lingering !== null) found.set(`${lingering[2]}/${lingering[1]}`, `it does not end: ${lingering[3]}`);
    const undeletable = /^(?:cannot delete )+(.*) \(use --[a-z-]+ to [a-z]+\): (.*)$/.exec(line);
    for (const pod of undeletable?.[2]?.split(', ') ?? []) found.set(pod, undeletable?.[1] ?? '');
  }
  return [...found].map(([pod, why]) => `${pod}: ${why}`);
}

function blocked(node: string, said: readonly string[], timeoutMs: number): KubewrightError {
  const pods = blockers(said);
  const list = pods.map((pod) => `\n  ${pod}`).join('');
  const unmanaged = pods.some((pod) => /no controller/.test(pod));
  const why = pods.length === 0 ? `kubectl says: ${said.at(-1) ?? 'nothing'}` : `these pods stay:${list}`;
  const time = unmanaged ? '' : ` within ${Math.ceil(timeoutMs / 1000)} s`;
  return new KubewrightError('drain-blocked', `${node} could not be drained${time}; ${why}`, {
    output: said.slice(-10),
    hint: unmanaged
      ? 'Nothing would make these pods again elsewhere: delete them yourself, or give --force-drain. The node stays cordoned.'
      : `Let more replicas run elsewhere, or change the budget, then run the same command again (--drain-timeout gives it longer). The node stays cordoned: \`kubectl uncordon ${node}\` undoes that.`,
  });
}
