import { readFile, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { KubewrightError } from '../../core/errors.js';
import type { StepContext } from '../../core/step.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { LocalRun } from './local-run.js';

/**
 * Makes sure that all nodes together may watch as many files as they do: containers share the kernel's limit for one
 * user, whose default of 128 is reached by some seven nodes, and what comes too late ends with "too many open files". Root
 * raises it until the next boot, and that is said; for anybody else it is an error before anything is made:
 * `machine-limits`. An engine on another kernel is left alone.
 */
export async function ensureInotify(run: LocalRun, step: StepContext): Promise<void> {
  const engine = await run.engine(step.signal);
  if (step.mode === 'plan' || engine.kernel !== release() || (await run.isComplete(step.signal))) return;
  const limit = Number(await readFile(LIMIT, 'utf8').catch(() => 'NaN'));
  const { otherNodes } = await run.containers(step.signal);
  const needed = neededInstances(run.cluster.nodes, otherNodes);
  if (!(limit < needed)) return;
  const wanted = Math.max(1024, 2 ** Math.ceil(Math.log2(2 * needed)));
  const nodes = run.cluster.nodes.length;
  const lack = `${nodes} nodes${otherNodes > 0 ? ` beside ${otherNodes} of other clusters` : ''} need about ${needed} inotify instances, and fs.inotify.max_user_instances is ${limit}`;
  try {
    await writeFile(LIMIT, String(wanted));
  } catch (cause) {
    throw new KubewrightError('machine-limits', lack, {
      cause,
      hint: `Raise it: sudo sysctl -w fs.inotify.max_user_instances=${wanted} (a file in /etc/sysctl.d keeps it).`,
    });
  }
  const text = `${lack}: raised to ${wanted} until the next boot.`;
  step.emit({ type: 'note', level: 'info', text });
}

/** As counted on nodes: a control plane has 27, a worker 15, and the machine around them some 20 of its own. */
export function neededInstances(nodes: readonly NodeSpec[], otherNodes: number): number {
  const own = nodes.map(({ roles }) => (roles.includes('control-plane') ? 28 : 16));
  return own.reduce((sum, count) => sum + count, 20 + 20 * otherNodes);
}

const LIMIT = '/proc/sys/fs/inotify/max_user_instances';
