import { createHash } from 'node:crypto';
import { formatPatch, OMIT_HEADERS, structuredPatch } from 'diff';
import type { Payload, PayloadFile, PayloadImage } from '../../artifacts/payload.js';
import type { Change, ChangeStep, StepContext, StepRef } from '../../core/step.js';
import type { NodeSpec } from '../../model/cluster.js';
import { apiServers, type ControlPlaneMachines } from './api-servers.js';
import type { BalancedServer } from './balancer.js';
import { type EngineContext, type HostView, nodeStep } from './context.js';
import { hasBalancers, hasEtcdMachines, isEtcdMachine } from './endpoint.js';
import { etcdFiles } from './etcd/files.js';
import { type LookedAt, reached } from './facts-step.js';
import { type NodeFile, nodeFiles, PATHS } from './node-files.js';
import { intentScript, type Preparation, prepareScript } from './prepare-script.js';
import { UNITS } from './units.js';

/**
 * Brings one host to where kubeadm can start: binaries, configuration, kernel settings, containerd with its
 * images. All changes go in one script; what is right already is not touched.
 */
export function prepareStep(
  node: NodeSpec,
  view: StepRef<LookedAt>,
  preflight: StepRef<unknown>,
  controlPlanes: ControlPlaneMachines,
  context: EngineContext,
): ChangeStep {
  const wantedBy = async (step: StepContext, found: HostView) => {
    const payload = await context.payload(found.facts.arch, step.signal);
    const { servers, complete } = apiServers(step, controlPlanes, context.cluster.api.port);
    const balanced = hasBalancers(context.cluster) ? { servers, complete } : undefined;
    return wantedOn(payload, found, { balanced, externalEtcd: hasEtcdMachines(context.cluster) });
  };
  return {
    kind: 'change',
    id: nodeStep(node, 'prepare'),
    title: 'prepare the host: binaries, containerd, images',
    phase: 'prepare',
    host: node.name,
    needs: [view.id, preflight.id],
    after: [...controlPlanes.values()].map(({ id }) => id),
    timeoutMs: 20 * 60_000,
    async check(step) {
      const found = reached(step.output(view));
      const changes = changesOn(await wantedBy(step, found), found);
      return changes.length === 0 ? { kind: 'current', output: undefined } : { kind: 'drifted', changes };
    },
    async apply(step) {
      const found = reached(step.output(view));
      await bring(await wantedBy(step, found), found, step);
    },
  };
}

/** What preparing would change on a host as it was found. */
export function preparationChanges(payload: Payload, found: HostView, needs: ClusterNeeds): readonly Change[] {
  return changesOn(wantedOn(payload, found, needs), found);
}

/** Everything that belongs on one node. */
interface Wanted {
  readonly binaries: readonly PayloadFile[];
  readonly images: readonly PayloadImage[];
  readonly files: readonly NodeFile[];
  /** The image of the load balancer, and whether all its servers' addresses are known yet. */
  readonly balancer: { readonly ref: string; readonly complete: boolean } | undefined;
  /** Does it pass on the packets of pods? */
  readonly routes: boolean;
  /** Does its kubelet run, whichever state the cluster is in? */
  readonly standalone: boolean;
}

/** The API servers that a node's load balancer shall know, and whether the addresses of all are known yet. */
export interface WantedServers {
  readonly servers: readonly BalancedServer[];
  readonly complete: boolean;
}

/** What a cluster asks of every node. */
export interface ClusterNeeds {
  /** The API servers that a node's own load balancer shall know; undefined where it has none. */
  readonly balanced: WantedServers | undefined;
  /** Has etcd machines of its own? */
  readonly externalEtcd: boolean;
}

function wantedOn(payload: Payload, found: HostView, needs: ClusterNeeds): Wanted {
  return isEtcdMachine(found.node) ? wantedForEtcd(payload, found) : wantedOnNode(payload, found, needs);
}

function wantedForEtcd(payload: Payload, found: HostView): Wanted {
  const forEtcd = ({ roles }: { readonly roles: readonly string[] }) => roles.includes('etcd');
  return {
    binaries: payload.files.filter(forEtcd),
    images: payload.images.filter(forEtcd),
    files: etcdFiles(found.traits, { pause: imageRef(payload, 'pause') }),
    balancer: undefined,
    routes: false,
    standalone: true,
  };
}

function wantedOnNode(payload: Payload, found: HostView, { balanced, externalEtcd }: ClusterNeeds): Wanted {
  const forNode = (item: { readonly roles: readonly string[] }) => item.roles.some((role) => serves(found.node, role));
  const haproxy = balanced === undefined ? undefined : imageOf(payload, BALANCER_IMAGE);
  const balancer =
    haproxy === undefined || balanced === undefined ? undefined : { image: haproxy.digest, servers: balanced.servers };
  const files = nodeFiles(found.traits, { pause: imageRef(payload, 'pause'), balancer });
  const unpacked = haproxy !== undefined && found.contents.get(PATHS.balancerImage)?.trim() === haproxy.digest;
  return {
    binaries: payload.files.filter(forNode),
    // Once unpacked, haproxy's image is of no more use.
    images: payload.images.filter(
      (image) =>
        forNode(image) &&
        !(image.name === BALANCER_IMAGE && (unpacked || haproxy === undefined)) &&
        !(image.name === 'etcd' && externalEtcd),
    ),
    files,
    balancer: haproxy === undefined ? undefined : { ref: haproxy.ref, complete: balanced?.complete ?? true },
    routes: true,
    standalone: false,
  };
}

/** A control plane runs what workers run, too: its own kube-proxy and network. */
function serves(node: NodeSpec, role: string): boolean {
  return role === 'worker' || node.roles.some((own) => own === role);
}

/** The reference of a payload's image by its short name. */
export function imageRef(payload: Payload, name: string): string {
  return imageOf(payload, name).ref;
}

/** The tags that kubeadm has to be told, since its defaults may be others. */
export function imageTags(payload: Payload): { readonly coredns: string; readonly etcd: string } {
  const tagOf = (name: string) => {
    const ref = imageRef(payload, name);
    return ref.slice(ref.lastIndexOf(':') + 1);
  };
  return { coredns: tagOf('coredns'), etcd: tagOf('etcd') };
}

function imageOf(payload: Payload, name: string): PayloadImage {
  const image = payload.images.find((candidate) => candidate.name === name);
  if (image === undefined) throw new Error(`the payload has no image named ${name}`);
  return image;
}

function changesOn(wanted: Wanted, found: HostView): readonly Change[] {
  const changes: Change[] = [];
  for (const file of staleBinaries(wanted, found)) {
    const exists = found.installed.files.has(file.destination);
    changes.push({
      action: exists ? 'update' : 'create',
      what: file.destination,
      why: exists ? `differs from ${file.name} ${file.version}` : `${file.name} ${file.version} is missing`,
    });
  }
  for (const file of staleFiles(wanted, found)) {
    const exists = found.configuration.has(file.path);
    changes.push({
      action: exists ? 'update' : 'create',
      what: file.path,
      why: exists ? 'its content differs' : 'missing',
      diff: exists ? unifiedDiff(found.contents.get(file.path) ?? '', file.content) : undefined,
    });
  }
  if (wanted.balancer?.complete === false && found.configuration.has(PATHS.balancerConfig)) {
    changes.push({ action: 'update', what: PATHS.balancerConfig, why: 'a control plane will be added' });
  }
  if (wanted.routes && !found.installed.ipForward)
    changes.push({ action: 'update', what: 'net.ipv4.ip_forward', why: 'off' });
  changes.push(...unitChanges(UNITS.containerd, found, true));
  changes.push(...unitChanges(UNITS.kubelet, found, wanted.standalone || found.kubernetes.joined));
  if (wanted.balancer !== undefined) changes.push(...unitChanges(UNITS.balancer, found, true));
  for (const image of missingImages(wanted, found)) {
    changes.push({ action: 'create', what: image.ref, why: 'not in containerd' });
  }
  return changes;
}

/** The hunks of a unified diff, without the lines that name the files. */
function unifiedDiff(from: string, to: string): string {
  return formatPatch(structuredPatch('', '', from, to, '', '', { context: 2 }), OMIT_HEADERS).trimEnd();
}

function unitChanges(name: string, found: HostView, shallRun: boolean): readonly Change[] {
  const unit = found.units.get(name);
  if (shallRun && unit?.active !== 'active') return [{ action: 'run', what: name, why: 'not running' }];
  return unit?.enabled === 'enabled' ? [] : [{ action: 'run', what: name, why: 'not started at boot' }];
}

function staleBinaries(wanted: Wanted, found: HostView): readonly PayloadFile[] {
  const { payloadDirectory } = found.machine;
  return wanted.binaries.filter((file) => {
    const actual = found.installed.files.get(file.destination);
    if (actual === undefined) return true;
    if (payloadDirectory !== undefined) {
      return !('link' in actual) || actual.link !== `${payloadDirectory}/${file.sha256}`;
    }
    const recorded = found.installed.manifest.get(file.destination);
    return !('stamp' in actual) || recorded?.sha256 !== file.sha256 || recorded.stamp !== actual.stamp;
  });
}

function staleFiles(wanted: Wanted, found: HostView): readonly NodeFile[] {
  return wanted.files.filter((file) => {
    // What its content will be is not known while a server's address is not.
    if (file.path === PATHS.balancerConfig && wanted.balancer?.complete === false) return false;
    return found.configuration.get(file.path) !== sha256(file.content);
  });
}

function missingImages(wanted: Wanted, found: HostView): readonly PayloadImage[] {
  const { images } = found.installed;
  // While containerd does not run nobody knows: the script looks again when it does.
  return images === undefined ? [] : wanted.images.filter((image) => !images.has(image.ref));
}

async function bring(wanted: Wanted, found: HostView, step: StepContext): Promise<void> {
  const { payloadDirectory } = found.machine;
  const binaries = staleBinaries(wanted, found);
  const images = found.installed.images === undefined ? wanted.images : missingImages(wanted, found);
  const archive = (image: PayloadImage) =>
    payloadDirectory === undefined ? `${IMAGES_FOLDER}/${image.sha256}.tar` : `${payloadDirectory}/${image.sha256}`;
  if (payloadDirectory === undefined) {
    const noted = noteIntent(binaries, found, step);
    const uploaded = found.host.upload(
      [
        ...binaries.map(({ path, destination, sha256: sum, size }) => ({
          source: path,
          destination,
          mode: '0755',
          sha256: sum,
          size,
        })),
        ...images.map((image) => ({
          source: image.path,
          destination: archive(image),
          mode: '0600',
          sha256: image.sha256,
          size: image.size,
        })),
      ],
      { context: step, timeoutMs: 15 * 60_000 },
    );
    // The note is there before the first file is: an upload looks first, which takes as long.
    await Promise.all([noted, uploaded]);
  }
  const runsKubelet = wanted.standalone || found.kubernetes.joined;
  const preparation: Preparation = {
    links:
      payloadDirectory === undefined
        ? []
        : binaries.map((file) => ({ path: file.destination, target: `${payloadDirectory}/${file.sha256}` })),
    uploaded: payloadDirectory === undefined ? binaries : [],
    files: staleFiles(wanted, found),
    images: images.map((image) => ({ ref: image.ref, archive: archive(image) })),
    removeArchives: payloadDirectory === undefined ? IMAGES_FOLDER : undefined,
    restartContainerd: binaries.some(({ name }) => CONTAINERD_BINARIES.has(name)),
    restartKubelet: binaries.some(({ name }) => name === 'kubelet') && runsKubelet,
    startKubelet: runsKubelet,
    routes: wanted.routes,
    balancer: wanted.balancer?.ref,
    startBalancer: found.units.get(UNITS.balancer)?.active !== 'active',
  };
  await found.host.script(prepareScript(preparation), {
    context: step,
    title: 'prepare the host',
    timeoutMs: 10 * 60_000,
    changes: true,
  });
}

/** So that what arrives is known as ours even where the run is killed before it can note that it did. */
async function noteIntent(binaries: readonly PayloadFile[], found: HostView, step: StepContext): Promise<void> {
  const { manifest } = found.installed;
  const unknown = binaries.filter((file) => manifest.get(file.destination)?.sha256 !== file.sha256);
  if (unknown.length === 0) return;
  await found.host.script(intentScript(unknown), {
    context: step,
    title: 'note what is to come',
    timeoutMs: 30_000,
    changes: true,
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The name of haproxy's image in a payload. */
const BALANCER_IMAGE = 'haproxy';
const CONTAINERD_BINARIES: ReadonlySet<string> = new Set(['containerd', 'containerd-shim-runc-v2', 'runc']);
const IMAGES_FOLDER = '/var/lib/kubewright/images';
