import { KubewrightError } from '../../core/errors.js';
import type { ReadStep, StepContext, StepRef } from '../../core/step.js';
import { arch } from '../../host/facts/arch.js';
import { capabilities } from '../../host/facts/capabilities.js';
import { cgroup } from '../../host/facts/cgroup.js';
import { clock } from '../../host/facts/clock.js';
import { container } from '../../host/facts/container.js';
import { cpus } from '../../host/facts/cpus.js';
import { diskProbe } from '../../host/facts/disk.js';
import { filesProbe } from '../../host/facts/files.js';
import { init } from '../../host/facts/init.js';
import { kernel } from '../../host/facts/kernel.js';
import { listening } from '../../host/facts/listening.js';
import { memory } from '../../host/facts/memory.js';
import { network } from '../../host/facts/network.js';
import { resolver } from '../../host/facts/resolver.js';
import { swap } from '../../host/facts/swap.js';
import { unitsProbe } from '../../host/facts/units.js';
import { gather, valuesOf } from '../../host/probe.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { Machine } from '../../providers/provider.js';
import { BINARY_PATHS } from './binary-paths.js';
import { type EngineContext, type HostView, nodeStep } from './context.js';
import { etcdProbe } from './etcd/state.js';
import { PATHS } from './node-files.js';
import { contentsProbe, installedProbe, kubernetesProbe } from './probes.js';
import { UNITS } from './units.js';
import { keepalivedProbe } from './virtual-ip/state.js';

/** A host that was looked at, or why it could not be: preflight tells about all of them at once. */
export type LookedAt =
  | { readonly kind: 'reached'; readonly view: HostView }
  | { readonly kind: 'unreachable'; readonly error: KubewrightError };

/** Connects to a host and asks it everything that any check will want, in one round trip. */
export function factsStep(node: NodeSpec, machine: StepRef<Machine>, context: EngineContext): ReadStep<LookedAt> {
  return {
    kind: 'read',
    id: nodeStep(node, 'facts'),
    title: 'look at the host',
    phase: 'check',
    host: node.name,
    needs: [machine.id],
    timeoutMs: 2 * 60_000,
    async read(step) {
      try {
        return { kind: 'reached', view: await lookAt(node, step.output(machine), step, context) };
      } catch (error) {
        if (error instanceof KubewrightError && error.code !== 'interrupted') return { kind: 'unreachable', error };
        throw error;
      }
    },
  };
}

/** The view of a host that preflight let pass. */
export function reached(looked: LookedAt): HostView {
  if (looked.kind === 'unreachable') throw looked.error;
  return looked.view;
}

/** Asks one host for its view: also what `status` is made of. `timeoutMs`: how long it may take to answer once it is connected. Default 30 000. */
export async function lookAt(
  node: NodeSpec,
  machine: Machine,
  step: Pick<StepContext, 'signal' | 'line'>,
  context: Pick<EngineContext, 'cluster' | 'openHost'>,
  timeoutMs?: number | undefined,
): Promise<HostView> {
  const host = await context.openHost(machine.ssh, step.signal);
  const asked = Date.now();
  const facts = valuesOf(host, await gather(host, PROBES, { context: step, timeoutMs }));
  const answered = Date.now();
  const upstream = context.cluster.network.upstreamDns;
  const found = facts.resolver.nameservers;
  return {
    node,
    machine,
    host,
    facts: {
      arch: facts.arch,
      systemd: facts.init.systemd,
      kernel: facts.kernel.release,
      memoryBytes: facts.memory.total,
      cpus: facts.cpus,
      diskFreeBytes: Math.min(...facts.disks.map(({ free }) => free)),
      listening: new Set(facts.listening.map(({ port }) => port)),
      addresses: new Set(facts.network.addresses.map(({ address }) => address)),
      interfaces: new Map(facts.network.addresses.map((it) => [it.address, it.interface])),
      // The clock was read somewhere between asking and answering.
      clockSkewMs: facts.clock - (asked + answered) / 2,
    },
    traits: {
      cgroupVersion: facts.cgroup.version,
      canLowerOomScore: facts.capabilities.canLowerOomScore,
      container: facts.container !== undefined,
      swap: facts.swap.length > 0,
      nameservers: upstream.length > 0 ? upstream : found.length > 0 ? found : (machine.nameservers ?? []),
    },
    installed: facts.installed,
    kubernetes: facts.kubernetes,
    etcd: facts.etcd,
    keepalived: facts.keepalived,
    configuration: new Map(
      [...facts.configuration].flatMap(([path, file]) => (file.kind === 'file' ? [[path, file.sha256] as const] : [])),
    ),
    contents: facts.contents,
    units: facts.units,
  };
}

const PROBES = {
  arch,
  init,
  kernel,
  memory,
  cpus,
  disks: diskProbe(['/var/lib']),
  listening,
  network,
  clock,
  cgroup,
  capabilities,
  container,
  swap,
  resolver,
  kubernetes: kubernetesProbe,
  etcd: etcdProbe,
  keepalived: keepalivedProbe,
  installed: installedProbe(BINARY_PATHS),
  configuration: filesProbe(Object.values(PATHS)),
  contents: contentsProbe(Object.values(PATHS)),
  units: unitsProbe(Object.values(UNITS)),
};
