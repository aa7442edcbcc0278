import { createHash } from 'node:crypto';
import { formatPatch, OMIT_HEADERS, structuredPatch } from 'diff';
import type { Payload, PayloadFile, PayloadImage } from '../../artifacts/payload.js';
import type { Change, ChangeStep, StepContext, StepRef } from '../../core/step.js';
import type { NodeSpec } from '../../model/cluster.js';
import { type EngineContext, type HostView, nodeStep } from './context.js';
import { type LookedAt, reached } from './facts-step.js';
import { type NodeFile, nodeFiles } from './node-files.js';
import { type Preparation, prepareScript } from './prepare-script.js';
import { UNITS } from './units.js';

/**
 * Brings one host to where kubeadm can start: binaries, configuration, kernel settings, containerd with its
 * images. All changes go in one script; what is right already is not touched.
 */
export function prepareStep(
  node: NodeSpec,
  view: StepRef<LookedAt>,
  preflight: StepRef<unknown>,
  context: EngineContext,
): ChangeStep {
  return {
    kind: 'change',
    id: nodeStep(node, 'prepare'),
    title: 'prepare the host: binaries, containerd, images',
    phase: 'prepare',
    host: node.name,
    needs: [view.id, preflight.id],
    timeoutMs: 20 * 60_000,
    async check(step) {
      const found = reached(step.output(view));
      const wanted = wantedOn(node, await context.payload(found.facts.arch, step.signal), found);
      const changes = preparationChanges(wanted, found);
      return changes.length === 0 ? { kind: 'current', output: undefined } : { kind: 'drifted', changes };
    },
    async apply(step) {
      const found = reached(step.output(view));
      const wanted = wantedOn(node, await context.payload(found.facts.arch, step.signal), found);
      await bring(wanted, found, step);
    },
  };
}

/** Everything that belongs on one node. */
interface Wanted {
  readonly binaries: readonly PayloadFile[];
  readonly images: readonly PayloadImage[];
  readonly files: readonly NodeFile[];
}

function wantedOn(node: NodeSpec, payload: Payload, found: HostView): Wanted {
  const forNode = (item: { readonly roles: readonly string[] }) => item.roles.some((role) => serves(node, role));
  return {
    binaries: payload.files.filter(forNode),
    images: payload.images.filter(forNode),
    files: nodeFiles(found.traits, { pause: imageRef(payload, 'pause') }),
  };
}

/** A control plane runs what workers run, too: its own kube-proxy and network. */
function serves(node: NodeSpec, role: string): boolean {
  return role === 'worker' || node.roles.some((own) => own === role);
}

/** The reference of a payload's image by its short name. */
export function imageRef(payload: Payload, name: string): string {
  const image = payload.images.find((candidate) => candidate.name === name);
  if (image === undefined) throw new Error(`the payload has no image named ${name}`);
  return image.ref;
}

function preparationChanges(wanted: Wanted, found: HostView): readonly Change[] {
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
  if (!found.installed.ipForward) changes.push({ action: 'update', what: 'net.ipv4.ip_forward', why: 'off' });
  changes.push(...unitChanges(UNITS.containerd, found, true));
  changes.push(...unitChanges(UNITS.kubelet, found, found.kubernetes.joined));
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
  return wanted.files.filter((file) => found.configuration.get(file.path) !== sha256(file.content));
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
    await found.host.upload(
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
  }
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
    restartKubelet: binaries.some(({ name }) => name === 'kubelet') && found.kubernetes.joined,
    startKubelet: found.kubernetes.joined,
  };
  await found.host.script(prepareScript(preparation), {
    context: step,
    title: 'prepare the host',
    timeoutMs: 10 * 60_000,
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const CONTAINERD_BINARIES: ReadonlySet<string> = new Set(['containerd', 'containerd-shim-runc-v2', 'runc']);
const IMAGES_FOLDER = '/var/lib/kubewright/images';
