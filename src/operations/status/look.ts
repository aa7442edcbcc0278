import { X509Certificate } from 'node:crypto';
import type { HostView } from '../../engines/native/context.js';
import { isControlPlane } from '../../engines/native/endpoint.js';
import { defineProbe, gather } from '../../host/probe.js';
import type { NodeSpec } from '../../model/cluster.js';
import type { ExistingMachine } from '../../providers/provider.js';
import { sh } from '../../transport/command.js';
import { lookAtHost } from '../running-cluster.js';
import type { Workspace } from '../workspace.js';

/** A node and what was seen of its machine. */
export interface Look {
  readonly node: NodeSpec;
  /** False for one that cluster.yaml does not name any more. */
  readonly wanted: boolean;
  readonly existing: ExistingMachine | undefined;
  readonly view?: HostView;
  /** When the first of its certificates expires, ISO 8601. */
  readonly expires?: string | undefined;
  /** Why there is no view of a machine that should answer. */
  readonly error?: string;
}

/** Looks at a machine that exists and runs, in one round trip. What goes wrong is part of the look; rejects only when it is aborted. */
export async function look(
  at: Pick<Look, 'node' | 'wanted' | 'existing'>,
  workspace: Pick<Workspace, 'cluster' | 'openHost' | 'forgetHosts'>,
  signal: AbortSignal,
): Promise<Look> {
  const { node, existing } = at;
  const machine = existing?.machine;
  if (machine === undefined || existing?.state === 'stopped') return at;
  try {
    const view = lookAtHost(node, machine, workspace, signal);
    // Beside it: what was asked for a moment ago is the same connection.
    const [found, expires] = await Promise.all([
      view,
      isControlPlane(node) ? expiry(at, workspace, signal) : undefined,
    ]);
    return { ...at, view: found, expires };
  } catch (error) {
    if (signal.aborted) throw error;
    // Who looks again wants a new connection: perhaps it is another machine by then.
    await workspace.forgetHosts([node.name]);
    return { ...at, error: error instanceof Error ? error.message : String(error) };
  }
}

/** Undefined on a host that has no certificates yet. */
async function expiry(
  { existing }: Pick<Look, 'existing'>,
  { openHost }: Pick<Workspace, 'openHost'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (existing?.machine === undefined) return undefined;
  const host = await openHost(existing.machine.ssh, signal);
  const asked = { context: { signal, line: () => {} }, timeoutMs: 8_000 };
  const { certificates } = await gather(host, { certificates: certificatesProbe }, asked);
  return certificates.ok ? certificates.value : undefined;
}

/** The end of the first certificate to expire, of those that kubeadm made on a control plane. ISO 8601. */
const certificatesProbe = defineProbe<string>({
  name: 'certificates',
  script: sh`cat /etc/kubernetes/pki/*.crt /etc/kubernetes/pki/etcd/*.crt`,
  parse(output) {
    const certificates = output.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    const ends = certificates.map((pem) => Date.parse(new X509Certificate(pem).validTo));
    if (ends.length === 0) throw new Error('there are no certificates');
    return new Date(Math.min(...ends)).toISOString();
  },
});
