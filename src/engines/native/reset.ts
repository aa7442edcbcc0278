import { KubewrightError } from '../../core/errors.js';
import type { ChangeStep, StepContext, StepRef } from '../../core/step.js';
import type { RemoteHost } from '../../host/remote-host.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { Machine } from '../../providers/provider.js';
import { type EngineContext, nodeStep } from './context.js';
import type { LeavingHost } from './leave.js';
import { type Left, parseReport } from './reset/report.js';
import { lookScript, resetScript } from './reset/scripts.js';

/** What became of a host: reset, with what was left on it; `silent`: it did not answer and was left out. */
export type ResetOutcome =
  | { readonly kind: 'reset'; readonly left: readonly Left[] }
  | { readonly kind: 'silent'; readonly why: string };

/** What a reset comes after, and what it does about a host that does not answer. */
export interface ResetOrder {
  readonly needs?: readonly string[] | undefined;
  /** Where it was looked at the host before: one that did not answer is left alone. */
  readonly seen?: StepRef<LeavingHost> | undefined;
  /** Leave out a host that does not answer, with a note. Default: it fails. */
  readonly forceUnreachable?: boolean | undefined;
}

/**
 * Takes everything off one host that kubewright and Kubernetes put there: pods, mounts, interfaces, nftables tables,
 * files and units. What belongs to the host stays, and is told with a reason. A host without a trace of kubewright is
 * left alone, Kubernetes on it or not. May be cut off anywhere: the next one finds the rest. Errors: `node-unreachable`.
 */
export function resetStep(
  node: NodeSpec,
  machine: StepRef<Machine>,
  context: Pick<EngineContext, 'openHost'>,
  order: ResetOrder = {},
): ChangeStep<ResetOutcome> {
  const { needs = [], seen } = order;
  return {
    kind: 'change',
    id: nodeStep(node, 'reset'),
    title: 'take Kubernetes off the host',
    phase: 'reset',
    host: node.name,
    needs: [machine.id, ...needs, ...(seen === undefined ? [] : [seen.id])],
    timeoutMs: 10 * 60_000,
    async check(step) {
      if (seen !== undefined && step.output(seen).kind !== 'reached') return passedOver('it does not answer');
      const to = step.output(machine);
      const host = await reach(to, step, context, order);
      if (typeof host === 'string') return passedOver(host);
      const { stdout } = await host.script(lookScript(to.payloadDirectory), {
        context: step,
        title: 'look for Kubernetes',
        timeoutMs: 2 * 60_000,
        show: false,
      });
      const { traces, left } = parseReport(stdout);
      if (traces.length > 0) return { kind: 'drifted', changes: traces };
      return { kind: 'current', output: { kind: 'reset', left }, why: 'no trace of kubewright' };
    },
    async apply(step) {
      const { ssh, payloadDirectory } = step.output(machine);
      const host = await context.openHost(ssh, step.signal);
      const { stdout } = await host.script(resetScript(payloadDirectory), {
        context: step,
        title: 'reset',
        timeoutMs: 9 * 60_000,
        changes: true,
        show: false,
      });
      return { kind: 'reset', left: parseReport(stdout).left };
    },
  };
}

function passedOver(why: string) {
  return { kind: 'current', output: { kind: 'silent', why }, why } as const;
}

/** The host, or why it does not answer where that does not matter. */
async function reach(
  machine: Machine,
  step: StepContext,
  context: Pick<EngineContext, 'openHost'>,
  { forceUnreachable = false }: ResetOrder,
): Promise<RemoteHost | string> {
  try {
    return await context.openHost(machine.ssh, step.signal);
  } catch (error) {
    if (!(error instanceof KubewrightError) || step.signal.aborted) throw error;
    if (!forceUnreachable) throw unreachable(machine.name, error);
    const text = `${machine.name} is left as it is, since it does not answer: ${error.message}`;
    step.emit({ type: 'note', level: 'warning', text });
    return error.message;
  }
}

function unreachable(name: string, cause: KubewrightError): KubewrightError {
  return new KubewrightError('node-unreachable', `${name} is to be reset and does not answer: ${cause.message}`, {
    hint: `Bring it back and run the same command again; or leave it out as it is: --force-unreachable. ${cause.hint ?? ''}`.trim(),
    host: name,
    cause,
  });
}
