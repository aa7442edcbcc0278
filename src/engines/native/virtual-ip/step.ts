import { createHash } from 'node:crypto';
import type { Change, ChangeStep, StepContext } from '../../../core/step.js';
import { installPackage } from '../../../host/packages.js';
import type { Cluster, EndpointSpec } from '../../../model/cluster.js';
import { type Command, join, sh } from '../../../transport/command.js';
import { apiServers, type ControlPlaneMachines } from '../api-servers.js';
import { type EngineContext, type HostView, nodeStep } from '../context.js';
import { isControlPlane } from '../endpoint.js';
import { reached } from '../facts-step.js';
import type { ControlPlaneHost } from '../found-cluster.js';
import { PATHS } from '../node-files.js';
import { UNITS } from '../units.js';
import { type KeepalivedFile, keepalivedFiles } from './keepalived.js';

/**
 * Has a control plane take part in holding the address of the API: keepalived, installed by the host's own package
 * manager. The one that begins the cluster holds the address before there is an API; the others come in when theirs
 * runs. Errors: `package-missing`.
 */
export function virtualIpStep(
  { node, view }: ControlPlaneHost,
  order: { readonly founds: boolean; readonly peers: ControlPlaneMachines },
  context: EngineContext,
): ChangeStep {
  const { founds, peers } = order;
  return {
    kind: 'change',
    id: nodeStep(node, 'virtual-ip'),
    title: 'take part in holding the address of the API',
    phase: 'control plane',
    host: node.name,
    needs: [view.id, nodeStep(node, 'prepare'), ...(founds ? [] : [nodeStep(node, 'join')])],
    after: [...peers.values()].map(({ id }) => id),
    timeoutMs: 8 * 60_000,
    check(step) {
      const found = reached(step.output(view));
      const changes = changesOf(found, wantedFiles(found, step, peers, context.cluster));
      return changes.length === 0 ? { kind: 'current', output: undefined } : { kind: 'drifted', changes };
    },
    async apply(step) {
      const found = reached(step.output(view));
      if (!found.keepalived.installed) await installPackage(found.host, 'keepalived', step);
      const stale = staleFiles(found, wantedFiles(found, step, peers, context.cluster));
      await found.host.script(startScript(stale), {
        context: step,
        title: 'start keepalived',
        timeoutMs: 60_000,
        changes: true,
      });
    },
  };
}

/** Takes the control planes that have left out of what one that stays knows. */
export function forgetPeersStep(
  { node, view }: ControlPlaneHost,
  peers: { readonly staying: ControlPlaneMachines; readonly leaving: ControlPlaneMachines },
  context: EngineContext,
): ChangeStep {
  const leaves = [...peers.leaving].map(([name, { id }]) => ({
    name,
    machine: id,
    leave: nodeStep({ name }, 'leave'),
  }));
  const stillThere = (step: StepContext): ControlPlaneMachines =>
    new Map([
      ...peers.staying,
      ...[...peers.leaving].filter(([name]) => step.known({ id: nodeStep({ name }, 'leave') }).kind === 'failed'),
    ]);
  return {
    kind: 'change',
    id: nodeStep(node, 'virtual-ip-peers'),
    title: 'forget the control planes that have left',
    phase: 'leave',
    host: node.name,
    needs: [view.id, nodeStep(node, 'virtual-ip')],
    after: [
      ...leaves.flatMap(({ leave, machine }) => [leave, machine]),
      ...[...peers.staying.values()].map(({ id }) => id),
    ],
    timeoutMs: 60_000,
    check(step) {
      const gone = peers.staying.size + peers.leaving.size - stillThere(step).size;
      if (gone === 0) return { kind: 'current', output: undefined };
      const why = `without ${[...peers.leaving.keys()].join(', ')}`;
      return { kind: 'drifted', changes: [{ action: 'update', what: PATHS.virtualIpConfig, why }] };
    },
    async apply(step) {
      const found = reached(step.output(view));
      const files = wantedFiles(found, step, stillThere(step), context.cluster);
      await found.host.script(startScript(files.filter(({ path }) => path === PATHS.virtualIpConfig)), {
        context: step,
        title: 'reload keepalived',
        timeoutMs: 60_000,
        changes: true,
      });
    },
  };
}

/** Part of a script: waits until this machine has the address, where there is one. `kubeadm init` asks the API through it. */
export function awaitVirtualIp({ api: { endpoint } }: Pick<Cluster, 'api'>): Command {
  if (endpoint.kind !== 'virtual-ip') return sh`:`;
  return sh`tries=0
until ip -o address show | grep -Fq ${` ${endpoint.address}/32 `}; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || { echo ${`keepalived did not give this machine the address ${endpoint.address} within 20 s`} >&2; journalctl -u ${UNITS.virtualIp} -n 5 --no-pager >&2; exit 1; }
  sleep 0.2
done`;
}

/** The interface that takes the address: the one that is asked for, else the one that the machine's own address is on. */
function virtualIpInterface(
  endpoint: Extract<EndpointSpec, { kind: 'virtual-ip' }>,
  { facts, machine }: Pick<HostView, 'facts' | 'machine'>,
): string | undefined {
  return endpoint.interface ?? facts.interfaces.get(machine.address);
}

function wantedFiles(
  found: HostView,
  step: StepContext,
  peers: ControlPlaneMachines,
  cluster: Cluster,
): readonly KeepalivedFile[] {
  const { endpoint, port } = cluster.api;
  if (endpoint.kind !== 'virtual-ip') return [];
  const { node, machine } = found;
  const device = virtualIpInterface(endpoint, found);
  if (device === undefined) throw new Error(`${node.name} has no interface with the address ${machine.address}`);
  const { servers } = apiServers(step, peers, port);
  return keepalivedFiles({
    ...{ node: node.name, address: endpoint.address, interface: device, apiPort: port, own: machine.address },
    peers: servers.filter(({ name }) => name !== node.name).map(({ address }) => address),
    order: cluster.nodes.filter(isControlPlane).findIndex(({ name }) => name === node.name),
  });
}

function staleFiles(found: HostView, files: readonly KeepalivedFile[]): readonly KeepalivedFile[] {
  return files.filter(
    ({ path, content }) => found.configuration.get(path) !== createHash('sha256').update(content).digest('hex'),
  );
}

function changesOf(found: HostView, files: readonly KeepalivedFile[]): readonly Change[] {
  const unit = found.units.get(UNITS.virtualIp);
  return [
    ...(found.keepalived.installed ? [] : [{ action: 'create' as const, what: 'package keepalived', why: 'missing' }]),
    ...staleFiles(found, files).map(({ path }) => {
      const exists = found.configuration.has(path);
      return {
        action: exists ? ('update' as const) : ('create' as const),
        what: path,
        why: exists ? 'its content differs' : 'missing',
      };
    }),
    ...(unit?.active === 'active' && unit.enabled === 'enabled'
      ? []
      : [
          {
            action: 'run' as const,
            what: UNITS.virtualIp,
            why: unit?.active === 'active' ? 'not started at boot' : 'not running',
          },
        ]),
  ];
}

/** A change of the configuration alone takes the address from nobody. */
function startScript(files: readonly KeepalivedFile[]): Command {
  const restart = files.some(({ path }) => path === PATHS.virtualIpUnit);
  return join([
    sh`set -eu
put() { mkdir -p "$(dirname "$1")"; printf %s "$2" > "$1.kubewright"; chmod "$3" "$1.kubewright"; mv -f "$1.kubewright" "$1"; }`,
    ...files.map(({ path, content, mode }) => sh`put ${path} ${content} ${mode}`),
    sh`systemctl daemon-reload; systemctl enable -q ${UNITS.virtualIp}`,
    restart ? sh`systemctl restart ${UNITS.virtualIp}` : sh`systemctl reload-or-restart ${UNITS.virtualIp}`,
    sh`sleep 0.5
systemctl is-active -q ${UNITS.virtualIp} || { systemctl status --no-pager -n 15 ${UNITS.virtualIp} >&2; exit 1; }`,
  ]);
}
